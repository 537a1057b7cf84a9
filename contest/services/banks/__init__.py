"""Banks of questions: editing, review by a second person, search, import and export."""
