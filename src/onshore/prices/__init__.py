"""Prices: how the market answers.

cars   the car market: demand with tastes that differ, prices of makers with many models
"""
