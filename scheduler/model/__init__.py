"""What can be decided about a week, and the protocol that rules and goals speak. Importing it imports no solver."""
