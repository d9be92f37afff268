import tomllib


def load(path):
    with open(path, "rb") as file:
        return tomllib.load(file)
