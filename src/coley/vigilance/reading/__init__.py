"""Files of spontaneous reports to a store of the raw relations, with a log in which every line adds up."""

# Formats in the order in which they are asked whether a file is theirs, the most particular first.
from coley.vigilance.reading import vaers as vaers  # isort: skip
from coley.vigilance.reading import dashboard as dashboard  # isort: skip
from coley.vigilance.reading import diana as diana  # isort: skip
from coley.vigilance.reading import faers as faers  # isort: skip
from coley.vigilance.reading import tables as tables  # isort: skip

from coley.vigilance.reading.contingency import Contingency as Contingency
from coley.vigilance.reading.contingency import read_contingency as read_contingency
from coley.vigilance.reading.limits import Limits as Limits
from coley.vigilance.reading.log import FileLog as FileLog
from coley.vigilance.reading.log import Note as Note
from coley.vigilance.reading.log import ReadingLog as ReadingLog
from coley.vigilance.reading.log import Tally as Tally
from coley.vigilance.reading.read import read_reports as read_reports
