"""What containers on Fargate have in common: images, sizes, users, and no secrets in the clear."""
