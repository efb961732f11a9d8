//! Where inside a plot a name can stand.

use crate::draw::layout::Area;

/// What a plot already holds: names, which must not be covered, and data, which should not.
#[derive(Debug, Default)]
pub(crate) struct Room {
    names: Vec<Area>,
    data: Vec<Area>,
}

impl Room {
    /// Data that is drawn here.
    pub(crate) fn holds(&mut self, data: Area) {
        self.data.push(data);
    }

    /// Takes the place that covers the least data, the first of equals, of those that lie in the plot
    /// and cover no name. Nothing if there is none.
    pub(crate) fn take(
        &mut self,
        places: impl IntoIterator<Item = Area>,
        plot: Area,
    ) -> Option<Area> {
        let hair = 0.5;
        let is_inside = |place: &Area| {
            place.left >= plot.left - hair
                && place.right <= plot.right + hair
                && place.top >= plot.top - hair
                && place.bottom <= plot.bottom + hair
        };
        let is_free = |place: &Area| !self.names.iter().any(|name| name.meets(*place));
        let covered = |place: &Area| self.data.iter().filter(|data| data.meets(*place)).count();
        let free = places.into_iter().filter(|place| is_inside(place) && is_free(place));
        let best = free.min_by_key(covered)?;
        self.names.push(best);
        Some(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(left: f64, top: f64) -> Area {
        Area { left, top, right: left + 10.0, bottom: top + 10.0 }
    }

    #[test]
    fn names_avoid_each_other_and_data_where_they_can() {
        let plot = Area { left: 0.0, top: 0.0, right: 40.0, bottom: 20.0 };
        let mut room = Room::default();
        room.holds(at(0.0, 0.0));
        assert_eq!(room.take([at(0.0, 0.0), at(20.0, 0.0)], plot), Some(at(20.0, 0.0)));
        assert_eq!(room.take([at(25.0, 5.0), at(5.0, 5.0)], plot), Some(at(5.0, 5.0)));
        assert_eq!(room.take([at(25.0, 5.0), at(35.0, 0.0)], plot), None, "taken, and outside");
    }
}
