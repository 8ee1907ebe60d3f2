# Oracle of the immunophenoscore: the authors' own script, run without its plots.
#
# Needs, in the working directory: IPS.R and EXPR.txt (carriage returns turned into newlines) and IPS_genes.txt
# of github.com/icbi-lab/Immunophenogram, commit ac95e6f573a8d3138a161c99e806316065b42faf.
# Run: Rscript make_immunophenoscore.R | tr -d " " > immunophenoscore.csv     (made with R 4.2.2)

lines <- unlist(strsplit(paste(readLines("IPS.R", warn = FALSE), collapse = "\n"), "\r?\n|\r"))
first <- function(pattern) grep(pattern, lines)[1]
map <- lines[first("^ipsmap"):(first("Assign colors") - 1)]
score <- lines[first("^gene_expression"):(first("Plot Immunophenogram") - 1)]
table <- lines[first("^DF<-")]
sink(tempfile())  # it prints the genes that it misses
eval(parse(text = c(map, score, "}", table)))
sink()
names(DF) <- c("sample", "MHC", "EC", "SC", "CP", "sum", "score")
write.csv(format(DF, digits = 15), quote = FALSE, row.names = FALSE)
