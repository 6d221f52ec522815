//! Short forms of the words in names. Names and queries are both written out, so that either may be
//! short.

/// The long form of a word in capitals; the word itself where it is no short form.
///
/// `ST` stays: whether it is a saint or a street its place in the name decides.
pub(in crate::geocode) fn written_out(word: &str) -> &str {
    // Nothing here is longer, and most words are.
    if word.len() > 9 {
        return word;
    }
    direction_or_size(word)
        .or_else(|| kind_of_street(word))
        .or_else(|| kind_of_place(word))
        .unwrap_or(word)
}

fn direction_or_size(word: &str) -> Option<&'static str> {
    Some(match word {
        "N" | "NTH" => "NORTH",
        "S" | "STH" => "SOUTH",
        "E" => "EAST",
        "W" => "WEST",
        "GT" | "GRT" => "GREAT",
        "LT" | "LTL" => "LITTLE",
        "LR" | "LWR" => "LOWER",
        "UPR" | "UPPR" => "UPPER",
        "SAINT" => "ST",
        _ => return None,
    })
}

fn kind_of_street(word: &str) -> Option<&'static str> {
    Some(match word {
        "RD" => "ROAD",
        "STR" => "STREET",
        "AV" | "AVE" | "AVN" => "AVENUE",
        "LN" | "LNE" => "LANE",
        "GDN" | "GDNS" | "GRDN" | "GRDNS" | "GDS" | "GARDEN" => "GARDENS",
        "SQ" | "SQR" => "SQUARE",
        "CT" | "CRT" => "COURT",
        "CL" | "CLS" | "CLO" => "CLOSE",
        "CR" | "CRES" | "CRESC" => "CRESCENT",
        "DR" | "DRV" => "DRIVE",
        "PL" | "PLC" => "PLACE",
        "TER" | "TERR" | "TCE" => "TERRACE",
        "WY" => "WAY",
        "PK" => "PARK",
        "GR" | "GRV" | "GRO" => "GROVE",
        "GRN" => "GREEN",
        "HL" => "HILL",
        "BRDG" | "BRG" | "BDG" | "BRDGE" => "BRIDGE",
        "MWS" => "MEWS",
        "PDE" => "PARADE",
        "APP" | "APPR" => "APPROACH",
        "EMB" | "EMBKMT" | "EMBKT" => "EMBANKMENT",
        "ALY" => "ALLEY",
        "YD" => "YARD",
        "WLK" => "WALK",
        "BYP" => "BYPASS",
        "RBT" | "RAB" | "RDBT" | "RNDBT" | "ROUNDABT" => "ROUNDABOUT",
        _ => return None,
    })
}

fn kind_of_place(word: &str) -> Option<&'static str> {
    Some(match word {
        "TWR" => "TOWER",
        "TWRS" => "TOWERS",
        "BLDG" | "BLDGS" | "BUILDING" => "BUILDINGS",
        "HSE" | "HO" => "HOUSE",
        "MANS" => "MANSIONS",
        "STN" | "STA" => "STATION",
        "CMN" | "COMM" => "COMMON",
        "EST" => "ESTATE",
        "HOSP" => "HOSPITAL",
        "SCH" => "SCHOOL",
        "MKT" => "MARKET",
        "MT" | "MNT" => "MOUNT",
        "CTR" | "CNTR" | "CENTER" => "CENTRE",
        "ARC" => "ARCADE",
        "BLK" => "BLOCK",
        "FLT" | "FL" => "FLAT",
        "RLY" => "RAILWAY",
        "INDL" | "INDUST" => "INDUSTRIAL",
        _ => return None,
    })
}

/// Whether a word names the kind of a street, and so ends its name.
pub(in crate::geocode) fn is_kind_of_street(word: &str) -> bool {
    matches!(
        word,
        "ROAD"
            | "STREET"
            | "AVENUE"
            | "LANE"
            | "GARDENS"
            | "SQUARE"
            | "COURT"
            | "CLOSE"
            | "CRESCENT"
            | "DRIVE"
            | "PLACE"
            | "TERRACE"
            | "WAY"
            | "GROVE"
            | "HILL"
            | "MEWS"
            | "PARADE"
            | "WALK"
            | "RISE"
            | "ROW"
            | "YARD"
            | "PARK"
            | "GREEN"
            | "PASSAGE"
            | "VIEW"
            | "BRIDGE"
            | "ALLEY"
            | "CIRCUS"
            | "EMBANKMENT"
            | "APPROACH"
            | "VALE"
            | "ESTATE"
            | "WHARF"
            | "MARKET"
            | "ARCADE"
            | "QUAY"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_written_out_and_other_words_stay() {
        for (short, long) in [
            ("RD", "ROAD"),
            ("GT", "GREAT"),
            ("STH", "SOUTH"),
            ("SAINT", "ST"),
            ("ST", "ST"),
            ("NORTHERN", "NORTHERN"),
            ("BRIXTON", "BRIXTON"),
        ] {
            assert_eq!(written_out(short), long);
        }
    }
}
