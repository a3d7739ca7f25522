from datasets import Dataset
from harness_example import CAPITALS


def rows(**_):
    return {"test": Dataset.from_list([{"country": name, "capital": city} for name, city in CAPITALS.items()])}
