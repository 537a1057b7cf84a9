"""The vocabulary of who takes part, registration and consent; the labels stand with all the others in `terms`."""

from enum import StrEnum


class EntrantMark(StrEnum):
    """What a contest says of one person: beside their unit, and about prizes."""

    TAKES_PART = "takes_part"
    STAYS_OUT = "stays_out"
    NO_PRIZE = "no_prize"
    MANDATORY = "mandatory"


class EntrantReason(StrEnum):
    """Why a person stays out or wins nothing; what the person reads."""

    COMMITTEE = "committee"
    QUESTIONS = "questions"
    RELATIVE = "relative"
    OPERATOR = "operator"
    REGULATIONS = "regulations"


class RegistrationWay(StrEnum):
    """By which way people come to a contest that registers them."""

    MEMBERS = "members"
    OPEN = "open"
    CODE = "code"


class RegistrationField(StrEnum):
    """What a contest may ask of those who register."""

    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    IDENTITY_NUMBER = "identity_number"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    UNIT = "unit"


class ConsentPurpose(StrEnum):
    """What a person consents to, each by itself."""

    PARTICIPATION = "participation"
    PUBLICATION = "publication"
