"""Population surveillance of herpes that no longer responds to acyclovir."""
