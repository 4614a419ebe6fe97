"""What the Timefold peer is made of: a week as tables of whole numbers, and the Java side that Timefold runs."""
