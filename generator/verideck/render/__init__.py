"""From notes to what learners get: functions that take notes and templates and return bytes."""
