"""Providers' batch APIs: requests are collected, sent as one file at half the price, and waited for, up to a day.

A batch is noted on the disk before it is waited for, so that a run that was killed takes it up instead of paying twice.
"""
