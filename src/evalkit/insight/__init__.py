"""What people say: themes and their coding, stories, co-production, and how sources agree."""
