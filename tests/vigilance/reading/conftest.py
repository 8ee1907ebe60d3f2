"""Small quarters as the FDA publishes them, to be read whole or broken."""

from __future__ import annotations

from pathlib import Path

import pytest

HEADERS = {
    "DEMO": "primaryid$caseid$caseversion$i_f_code$event_dt$mfr_dt$init_fda_dt$fda_dt$rept_cod$auth_num$mfr_num$"
    "mfr_sndr$lit_ref$age$age_cod$age_grp$sex$e_sub$wt$wt_cod$rept_dt$to_mfr$occp_cod$reporter_country$occr_country",
    "DRUG": "primaryid$caseid$drug_seq$role_cod$drugname$prod_ai$val_vbm$route$dose_vbm$cum_dose_chr$cum_dose_unit$"
    "dechal$rechal$lot_num$exp_dt$nda_num$dose_amt$dose_unit$dose_form$dose_freq",
    "REAC": "primaryid$caseid$pt$drug_rec_act",
    "OUTC": "primaryid$caseid$outc_cod",
    "THER": "primaryid$caseid$dsg_drug_seq$start_dt$end_dt$dur$dur_cod",
    "INDI": "primaryid$caseid$indi_drug_seq$indi_pt",
    "RPSR": "primaryid$caseid$rpsr_cod",
}
ROWS = {
    "DEMO": [
        "1000000011$100000001$1$I$20170301$$20170402$20170402$EXP$$US-1$BMS$$70$YR$$M$Y$80$KG$20170402$$MD$US$FR",
        "1000000022$100000002$2$F$201702$$20170101$20170403$EXP$$US-2$MERCK$$6$DEC$$F$Y$154$LBS$20170403$$CN$US$",
    ],
    "DRUG": [
        "1000000011$100000001$1$PS$OPDIVO$NIVOLUMAB$1$Intravenous$$$$Y$N$$$125554$3$MG/KG$$QOW",
        "1000000011$100000001$2$SS$YERVOY$IPILIMUMAB$1$Intravenous$$$$Y$N$$$125377$$$$",
        "1000000022$100000002$1$PS$KEYTRUDA$PEMBROLIZUMAB$1$$$$$U$U$$$$200$MG$$/3WEEKS",
    ],
    "REAC": [
        "1000000011$100000001$Colitis$",
        "1000000011$100000001$Myocarditis$",
        "1000000022$100000002$Rash$",
    ],
    "OUTC": ["1000000011$100000001$HO"],
    "THER": ["1000000011$100000001$1$20170201$2017$3$WK", "1000000022$100000002$1$20170101$$12$HR"],
    "INDI": ["1000000011$100000001$1$Malignant melanoma"],
    "RPSR": ["1000000011$100000001$HP"],
}


class Quarter:
    """The tables of a quarter as lists of lines, header first, to be edited and then written."""

    def __init__(self, label: str = "17Q2") -> None:
        self.label = label
        self.lines = {name: [HEADERS[name], *rows] for name, rows in ROWS.items()}

    def texts(self, end: str = "\n") -> dict[str, bytes]:
        return {
            f"{name}{self.label}.txt": (end.join(lines) + end).encode() for name, lines in self.lines.items()
        }

    def write(self, folder: Path, end: str = "\n") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.texts(end).items():
            (folder / name).write_bytes(text)
        return folder


@pytest.fixture
def quarter() -> Quarter:
    return Quarter()


@pytest.fixture
def another() -> type[Quarter]:
    """Makes quarters under other labels."""
    return Quarter
