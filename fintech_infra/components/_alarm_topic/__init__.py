"""Parts of AlarmTopic."""
