//! A fence as the Feature that is read.

use crate::domain::alert::Severity;
use crate::domain::fence::{Fence, FenceEdit, Geometry, Section};
use crate::domain::ids::Kind;
use crate::domain::transition::TransitionKind;
use crate::io::wire::json::{Object, write_number};

/// Appends `edit` as one line that `decode` reads: a Feature, or a deletion.
pub fn encode(edit: &FenceEdit, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    if let Some(fence) = &edit.fence {
        object.text("type", "Feature");
        object.text("id", edit.id.as_str());
        write_properties(fence, edit, object.name("properties"));
        write_geometry(&fence.geometry, object.name("geometry"));
    } else {
        object.text("id", edit.id.as_str());
        if let Some(at) = edit.at {
            object.time("at", at);
        }
        object.bool("deleted", true);
    }
    object.end();
    out.push(b'\n');
}

fn write_properties(fence: &Fence, edit: &FenceEdit, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("name", &fence.name);
    object.text_if("class", fence.class.as_deref());
    let tags: Vec<_> = fence.tags.iter().collect();
    object.texts_if("tags", &tags);
    object.text_if("severity", fence.severity.map(Severity::label));
    if let Some(at) = edit.at {
        object.time("at", at);
    }
    let detect: Vec<_> = fence.detect.iter().map(TransitionKind::label).collect();
    object.texts("detect", &detect);
    object.number_if("dwell_s", fence.dwell.map(|dwell| dwell.as_secs_f64()));
    if fence.exit_margin_m > 0.0 {
        object.number("exit_margin_m", fence.exit_margin_m);
    }
    if !fence.min_inside.is_zero() {
        object.number("min_inside_s", fence.min_inside.as_secs_f64());
    }
    if let Some(limit) = fence.speed_limit {
        object.number("speed_limit_mps", limit.above_mps);
        object.number("speed_min_s", limit.lasting.as_secs_f64());
    }
    if fence.absent_after != Fence::ABSENT_AFTER {
        object.number("absent_s", fence.absent_after.as_secs_f64());
    }
    if let Some(from) = fence.valid_from {
        object.time("valid_from", from);
    }
    if let Some(until) = fence.valid_until {
        object.time("valid_until", until);
    }
    if !fence.applies_to.is_all() {
        let mut filter = Object::open(object.name("for"));
        filter.text_if("kind", fence.applies_to.kind.map(Kind::label));
        let classes: Vec<_> = fence.applies_to.classes.iter().collect();
        filter.texts_if("class", &classes);
        let statuses: Vec<_> = fence.applies_to.statuses.iter().collect();
        filter.texts_if("status", &statuses);
        filter.end();
    }
    object.text("region", fence.region.as_str());
    let approval = if fence.approved {
        "approved"
    } else {
        "proposed"
    };
    object.text("approval", approval);
    match fence.geometry {
        Geometry::Circle { radius_m, .. } => object.number("radius_m", radius_m),
        Geometry::Corridor {
            width_m,
            ref sections,
            ..
        } => {
            object.number("width_m", width_m);
            if !sections.is_empty() {
                write_list(sections, object.name("sections"), write_section);
            }
        }
        Geometry::Polygons(_) => {}
    }
    object.end();
}

fn write_section(section: &Section, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    for (name, vertex) in [("from", section.from), ("to", section.to)] {
        object.integer(name, i64::try_from(vertex).unwrap_or(i64::MAX));
    }
    if let Some(from) = section.valid_from {
        object.time("valid_from", from);
    }
    if let Some(until) = section.valid_until {
        object.time("valid_until", until);
    }
    object.end();
}

fn write_geometry(geometry: &Geometry, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    match geometry {
        Geometry::Polygons(polygons) => {
            if let [rings] = polygons.as_slice() {
                object.text("type", "Polygon");
                write_polygon(rings, object.name("coordinates"));
            } else {
                object.text("type", "MultiPolygon");
                write_list(polygons, object.name("coordinates"), |rings, out| {
                    write_polygon(rings, out);
                });
            }
        }
        Geometry::Circle { centre, .. } => {
            object.text("type", "Point");
            write_vertex(centre, object.name("coordinates"));
        }
        Geometry::Corridor { line, .. } => {
            object.text("type", "LineString");
            write_list(line, object.name("coordinates"), write_vertex);
        }
    }
    object.end();
}

fn write_polygon(rings: &[Vec<(f64, f64)>], out: &mut Vec<u8>) {
    write_list(rings, out, |ring, out| write_list(ring, out, write_vertex));
}

fn write_vertex(vertex: &(f64, f64), out: &mut Vec<u8>) {
    let (lat, lng) = *vertex;
    write_list(&[lng, lat], out, |degrees, out| write_number(*degrees, out));
}

fn write_list<T>(items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}
