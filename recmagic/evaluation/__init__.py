"""Rank and measure: full-catalogue lists, metrics with exact definitions, reports and recommendations."""
