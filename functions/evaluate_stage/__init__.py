"""The table's stream and the due-date tick: what keeps every stage right."""
