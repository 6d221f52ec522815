//! Short forms of the words in names. Names and queries are both written out, so that either may be
//! short.

/// The long form of a word in capitals; the word itself where it is no short form.
///
/// `ST` stays: whether it is a saint or a street its place in the name decides.
pub(in crate::geocode) fn written_out(word: &str) -> &str {
    // Nothing here is longer, and most words are. Bytes are told apart by length and letter, and not
    // compared one after the other.
    if word.len() > 9 {
        return word;
    }
    direction_or_size(word)
        .or_else(|| kind_of_street(word))
        .or_else(|| kind_of_place(word))
        .unwrap_or(word)
}

fn direction_or_size(word: &str) -> Option<&'static str> {
    Some(match word.as_bytes() {
        b"N" | b"NTH" => "NORTH",
        b"S" | b"STH" => "SOUTH",
        b"E" => "EAST",
        b"W" => "WEST",
        b"GT" | b"GRT" => "GREAT",
        b"LT" | b"LTL" => "LITTLE",
        b"LR" | b"LWR" => "LOWER",
        b"UPR" | b"UPPR" => "UPPER",
        b"SAINT" => "ST",
        _ => return None,
    })
}

fn kind_of_street(word: &str) -> Option<&'static str> {
    Some(match word.as_bytes() {
        b"RD" => "ROAD",
        b"STR" => "STREET",
        b"AV" | b"AVE" | b"AVN" => "AVENUE",
        b"LN" | b"LNE" => "LANE",
        b"GDN" | b"GDNS" | b"GRDN" | b"GRDNS" | b"GDS" | b"GARDEN" => "GARDENS",
        b"SQ" | b"SQR" => "SQUARE",
        b"CT" | b"CRT" => "COURT",
        b"CL" | b"CLS" | b"CLO" => "CLOSE",
        b"CR" | b"CRES" | b"CRESC" => "CRESCENT",
        b"DR" | b"DRV" => "DRIVE",
        b"PL" | b"PLC" => "PLACE",
        b"TER" | b"TERR" | b"TCE" => "TERRACE",
        b"WY" => "WAY",
        b"PK" => "PARK",
        b"GR" | b"GRV" | b"GRO" => "GROVE",
        b"GRN" => "GREEN",
        b"HL" => "HILL",
        b"BRDG" | b"BRG" | b"BDG" | b"BRDGE" => "BRIDGE",
        b"MWS" => "MEWS",
        b"PDE" => "PARADE",
        b"APP" | b"APPR" => "APPROACH",
        b"EMB" | b"EMBKMT" | b"EMBKT" => "EMBANKMENT",
        b"ALY" => "ALLEY",
        b"YD" => "YARD",
        b"WLK" => "WALK",
        b"BYP" => "BYPASS",
        b"BWY" | b"BDWY" | b"BWAY" => "BROADWAY",
        b"RBT" | b"RAB" | b"RDBT" | b"RNDBT" | b"ROUNDABT" => "ROUNDABOUT",
        _ => return None,
    })
}

fn kind_of_place(word: &str) -> Option<&'static str> {
    Some(match word.as_bytes() {
        b"TWR" => "TOWER",
        b"TWRS" => "TOWERS",
        b"BLDG" | b"BLDGS" | b"BUILDING" => "BUILDINGS",
        b"HSE" | b"HO" => "HOUSE",
        b"MANS" => "MANSIONS",
        b"STN" | b"STA" => "STATION",
        b"CMN" | b"COMM" => "COMMON",
        b"EST" => "ESTATE",
        b"HOSP" => "HOSPITAL",
        b"SCH" => "SCHOOL",
        b"MKT" => "MARKET",
        b"MT" | b"MNT" => "MOUNT",
        b"CTR" | b"CNTR" | b"CENTER" => "CENTRE",
        b"ARC" => "ARCADE",
        b"BLK" => "BLOCK",
        b"FLT" | b"FL" => "FLAT",
        b"RLY" => "RAILWAY",
        b"INDL" | b"INDUST" => "INDUSTRIAL",
        _ => return None,
    })
}

/// Whether a word names the kind of a street, and so ends its name.
pub(in crate::geocode) fn is_kind_of_street(word: &str) -> bool {
    matches!(
        word.as_bytes(),
        b"ROAD"
            | b"STREET"
            | b"AVENUE"
            | b"LANE"
            | b"GARDENS"
            | b"SQUARE"
            | b"COURT"
            | b"CLOSE"
            | b"CRESCENT"
            | b"DRIVE"
            | b"PLACE"
            | b"TERRACE"
            | b"WAY"
            | b"GROVE"
            | b"HILL"
            | b"MEWS"
            | b"PARADE"
            | b"WALK"
            | b"RISE"
            | b"ROW"
            | b"YARD"
            | b"PARK"
            | b"GREEN"
            | b"PASSAGE"
            | b"VIEW"
            | b"BRIDGE"
            | b"ALLEY"
            | b"CIRCUS"
            | b"EMBANKMENT"
            | b"APPROACH"
            | b"VALE"
            | b"ESTATE"
            | b"WHARF"
            | b"MARKET"
            | b"ARCADE"
            | b"QUAY"
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
