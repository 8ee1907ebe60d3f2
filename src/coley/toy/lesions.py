"""Lesions at baseline: how many, where, how large, and how each departs from the patient's course."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.baseline import Baseline
from coley.toy.streams import Bools, Floats, Ints, Streams

TARGETS, NON_TARGETS = 5, 3  # RECIST 1.1: at most 5 target lesions; a few others are followed
PER_ORGAN = 2  # RECIST 1.1: at most 2 target lesions in one organ
ORGANS = ("liver", "lung", "lymph node", "adrenal gland", "soft tissue", "spleen", "skin")
LIVER, NODE = 0, 2
# How often an organ is affected, relative to the others, by cancer type (an assumption).
WEIGHTS = np.array(
    [
        [0.0, 5.0, 4.0, 1.5, 0.7, 0.2, 0.1],
        [0.0, 3.0, 3.0, 0.8, 2.0, 0.6, 2.5],
        [0.0, 3.0, 5.0, 0.8, 1.0, 0.3, 0.1],
        [0.0, 3.5, 4.0, 0.4, 2.0, 0.2, 0.8],
    ]
)
# After a complete kill something stays to be measured in most patients: up to this share of the diameter, and
# nothing in this share of patients (assumptions, set for complete responses of about 5 %).
LARGEST_SCAR, NO_SCAR = 0.55, 0.25
# Assumptions: how many targets and others a patient has (cumulative shares of 1, 2, ... and of 0, 1, ...);
# size of a target above the least that is measurable, its spread and limit, mm; spread of the pace of
# single lesions; chance that the resistant clone sits in a target.
TARGET_SHARES, OTHER_SHARES = (0.22, 0.52, 0.76, 0.90), (0.35, 0.70, 0.90)
SIZE, SIZE_LOG_SD, LARGEST = 14.0, 0.75, 140.0
PACE_LOG_SD, SEATED = 0.2, 0.45
SMALL, SMALL_RANGE = (10.0, 5.0), 4.5  # mm, of nodes and others that are followed but not measurable
MEASURABLE, MEASURABLE_NODE = 10.0, 15.0  # mm, RECIST 1.1: longest diameter; short axis of a node


@dataclass(frozen=True, eq=False)
class Lesions:
    """Lesions of each patient: targets first, then non-targets; shape (patients, 8).

    Attributes
    ----------
    present
        Which of the places hold a lesion.
    organ, node
        Index into `ORGANS`; whether it is a lymph node.
    diameter
        At baseline, in mm to one decimal; 0 where there is none.
    power
        The lesion shrinks as the patient's sensitive cells to this power.
    weight
        The share of the patient's resistant cells in it, relative to its baseline size.
    scar
        Share of every lesion of the patient that is no living tumour and stays; shape (patients,).
    """

    present: Bools
    organ: Ints
    node: Bools
    diameter: Floats
    power: Floats
    weight: Floats
    scar: Floats

    @property
    def sld(self) -> Floats:
        """Sum of target diameters at baseline, mm."""
        return np.asarray(np.round(self.diameter[:, :TARGETS].sum(axis=1), 1))

    @property
    def organs(self) -> Ints:
        """Number of organs with a lesion."""
        hit = [((self.organ == k) & self.present).any(axis=1) for k in range(len(ORGANS))]
        return np.asarray(np.sum(hit, axis=0, dtype=np.int64))


def draw_lesions(baseline: Baseline, streams: Streams) -> Lesions:
    """Draw the lesions of every patient."""
    n, places = baseline.age.size, TARGETS + NON_TARGETS
    u = streams.uniform("lesions", n, 3 + 2 * places)
    slots = np.repeat(np.arange(len(ORGANS)), PER_ORGAN)
    # Weighted draw without replacement: the smallest of exponentials. The liver comes first or not at all.
    rate = WEIGHTS[baseline.cancer][:, slots]
    wait = -np.log(streams.uniform("organs", n, slots.size)) / np.maximum(rate, 1e-9)
    wait[:, 0] = np.where(baseline.liver, 0.0, np.inf)
    wait[:, 1] = np.where(baseline.liver, wait[:, 3], np.inf)
    organ = slots[np.argsort(wait, axis=1)[:, :places]]
    targets = 1 + np.searchsorted(TARGET_SHARES, u[:, 0])
    others = np.searchsorted(OTHER_SHARES, u[:, 1])
    place = np.arange(places)
    present = np.where(place < TARGETS, place < targets[:, None], place - TARGETS < others[:, None])
    node = organ == NODE
    least = np.where(node, MEASURABLE_NODE, MEASURABLE)
    size = least + SIZE * np.exp(SIZE_LOG_SD * streams.normal("size", n, places))
    small = np.where(node, *SMALL) + SMALL_RANGE * u[:, 2 : 2 + places]
    size = np.where(place < TARGETS, np.minimum(size, LARGEST), small)
    diameter = np.where(present, np.round(size, 1), 0.0)
    # Resistance arises in some lesions only; their weights conserve the resistant mass of the patient.
    seat = (u[:, 2 + places : -1] < SEATED) & present & (place < TARGETS)
    seat[:, 0] |= ~seat.any(axis=1)
    target_sum = diameter[:, :TARGETS].sum(axis=1)
    seat_sum = (diameter * seat).sum(axis=1)
    return Lesions(
        present=present,
        organ=organ.astype(np.int64),
        node=node & present,
        diameter=diameter,
        power=np.exp(PACE_LOG_SD * streams.normal("pace", n, places)),
        weight=seat * (target_sum / seat_sum)[:, None],
        scar=np.maximum(0.0, LARGEST_SCAR * (u[:, -1] - NO_SCAR) / (1 - NO_SCAR)),
    )
