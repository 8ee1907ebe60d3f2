"""Files of spontaneous reports to a store of the raw relations, with a log in which every line adds up."""

from coley.vigilance.reading import faers as faers
from coley.vigilance.reading.limits import Limits as Limits
from coley.vigilance.reading.log import FileLog as FileLog
from coley.vigilance.reading.log import Note as Note
from coley.vigilance.reading.log import ReadingLog as ReadingLog
from coley.vigilance.reading.log import Tally as Tally
from coley.vigilance.reading.read import read_reports as read_reports
