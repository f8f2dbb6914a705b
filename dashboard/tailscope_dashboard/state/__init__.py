"""What a page looks at: the one state object, what it begins with, and its address."""
