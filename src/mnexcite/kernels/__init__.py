"""What a kernel is made of: its text, the small language of that text, and its machine code."""
