"""The nouns: Study, Answer, Estimate, Check, Method, Question, the data dictionary and the errors."""
