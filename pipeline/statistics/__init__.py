"""How a rate is estimated and judged: numbers in, numbers and words out."""
