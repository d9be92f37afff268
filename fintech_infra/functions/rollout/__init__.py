"""Hook of an ECS deployment: lets a new version start, and take traffic, or has it rolled back."""
