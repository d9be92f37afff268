import pulumi


def tags():
    return {"project": pulumi.get_project(), "organization": pulumi.get_organization()}
