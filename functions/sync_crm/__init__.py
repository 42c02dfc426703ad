"""Files, and later CRMs, become records: the only function package that talks to CRMs."""
