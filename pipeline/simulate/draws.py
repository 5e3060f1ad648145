"""The draws of a simulation as SQL macros; knows nothing of what is drawn."""

# Draws: multiplicative mixing of 32-bit words in 64-bit integers, which cannot overflow.
# DuckDB's own hash() may change between versions, random() between thread counts. A row's
# entropy is mixed well once, so a draw from it can be short, which planning is glad of.
MACROS = (
    """create or replace macro mixed(word, shift, factor) as
    (xor(word, word >> shift) * factor) & 4294967295::ubigint""",
    """create or replace macro entropy(seed, number) as
    mixed(
        mixed(
            mixed(
                xor(
                    (number::ubigint & 4294967295::ubigint)
                    * 2127912213::ubigint & 4294967295::ubigint,
                    seed::ubigint
                ),
                16::ubigint, 2146121005::ubigint
            ),
            15::ubigint, 2221713035::ubigint
        ),
        16::ubigint, 668265263::ubigint
    )""",
    """create or replace macro part(entropy, number) as
    mixed(
        mixed(
            (entropy + number::ubigint * 2654435769::ubigint) & 4294967295::ubigint,
            16::ubigint, 2146121005::ubigint
        ),
        15::ubigint, 2221713035::ubigint
    )""",
    # the purpose's digest is a constant by the time that rows are read
    """create or replace macro uniform(entropy, purpose) as
    (
        (
            (
                (
                    entropy * cast(
                        md5_number_upper(purpose) % 2147483648::uhugeint * 2 + 1
                        as ubigint
                    ) >> 13::ubigint
                ) & 4294967295::ubigint
            ) * 2246822519::ubigint
            + cast(md5_number_lower(purpose) % 4294967296::uhugeint as ubigint)
        ) >> 15::ubigint & 4294967295::ubigint
    ) / 4294967296::double""",
    """create or replace macro whole(entropy, purpose, lowest, highest) as
    cast(
        lowest + floor(uniform(entropy, purpose) * (highest - lowest + 1))
        as integer
    )""",
    """create or replace macro slot_of(entropy, purpose, slots) as
    cast(floor(uniform(entropy, purpose) * slots) as integer)""",
    # the square of a draw has a mean of a third: most rows come soon, few come late
    """create or replace macro lag_days(entropy, purpose, mean_days) as
    cast(
        floor(
            uniform(entropy, purpose) * uniform(entropy, purpose)
            * 3 * mean_days
        ) as integer
    )""",
    """create or replace macro written(number, places) as
    case places
        when 0 then cast(cast(round(number, 0) as integer) as varchar)
        when 1 then cast(cast(round(number, 1) as decimal(9, 1)) as varchar)
        else cast(cast(round(number, 2) as decimal(9, 2)) as varchar)
    end""",
)
