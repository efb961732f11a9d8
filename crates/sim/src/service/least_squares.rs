//! Weighted least squares with coefficients that are never negative.

/// Coefficients of (1, rows, bytes).
pub(super) type Coefficients = [f64; 3];

/// Which of the three coefficients are free, simple models first: of two that fit alike, the one with
/// fewer coefficients is kept, and rows are preferred to bytes.
const SUBSETS: [&[usize]; 7] = [&[1], &[2], &[0], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];

/// Below this share of its length, a column counts as a sum of the others.
const SINGULAR: f64 = 1e-7;

/// One equation: what is known, what should come out, and how much it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Equation {
    /// 1, rows, bytes.
    pub(super) known: Coefficients,
    /// Nanoseconds.
    pub(super) target: f64,
    /// Weight of the squared error.
    pub(super) weight: f64,
}

impl Equation {
    /// What these coefficients give.
    pub(super) fn value(&self, coefficients: &Coefficients) -> f64 {
        self.known.iter().zip(coefficients).map(|(known, coefficient)| known * coefficient).sum()
    }
}

/// The non-negative coefficients with the least weighted sum of squared errors, each further one of
/// them worth its keep by the Bayesian information criterion (Schwarz, Annals of Statistics 1978).
///
/// With three coefficients there are seven sets of those that are not 0; the best of them whose
/// coefficients all come out at 0 or more is the answer, so no active-set method is needed. Columns
/// that say the same, as rows and bytes do when every row has as many bytes, are told apart by
/// nothing: sets with both of them have no answer, and the bytes go into the rows.
pub(super) fn non_negative(equations: &[Equation]) -> Option<Coefficients> {
    let mut best: Option<(f64, Coefficients)> = None;
    for subset in SUBSETS {
        let Some(coefficients) = solve(equations, subset) else { continue };
        if coefficients.iter().any(|coefficient| *coefficient < 0.0) {
            continue;
        }
        let score = information(equations, &coefficients, subset.len());
        if best.is_none_or(|(least, _)| score < least - 1e-9) {
            best = Some((score, coefficients));
        }
    }
    best.map(|(_, coefficients)| coefficients)
}

/// n·ln(mean squared error) + k·ln n, of errors relative to the weighted targets.
#[expect(clippy::cast_precision_loss, reason = "numbers of measurements are small")]
fn information(equations: &[Equation], coefficients: &Coefficients, parameters: usize) -> f64 {
    let number = equations.len() as f64;
    let error = |equation: &Equation| {
        equation.weight * (equation.value(coefficients) - equation.target).powi(2)
    };
    let targets: f64 = equations.iter().map(|each| each.weight * each.target.powi(2)).sum();
    let errors: f64 = equations.iter().map(error).sum();
    // Rounding alone leaves this much of an exact fit.
    let relative = (errors / targets).max(1e-20);
    number * relative.ln() + parameters as f64 * number.ln()
}

/// Least squares over some of the coefficients, the others 0; nothing when they cannot be told apart.
///
/// Modified Gram–Schmidt on columns scaled to length 1, which keeps more digits than the normal
/// equations (Björck, "Numerical Methods for Least Squares Problems", 1996, section 2.4).
#[expect(clippy::indexing_slicing, reason = "subsets hold 0, 1 and 2, and there are three columns")]
fn solve(equations: &[Equation], subset: &[usize]) -> Option<Coefficients> {
    let root = |equation: &Equation| equation.weight.sqrt();
    let mut target: Vec<f64> = equations.iter().map(|each| root(each) * each.target).collect();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut lengths = Vec::new();
    for &index in subset {
        let column: Vec<f64> =
            equations.iter().map(|each| root(each) * each.known[index]).collect();
        let length = dot(&column, &column).sqrt();
        if length <= 0.0 {
            return None;
        }
        columns.push(column.iter().map(|value| value / length).collect());
        lengths.push(length);
    }
    let size = subset.len();
    let mut upper = [[0.0; 3]; 3];
    let mut right = [0.0; 3];
    for place in 0..size {
        let length = dot(&columns[place], &columns[place]).sqrt();
        if length < SINGULAR {
            return None;
        }
        upper[place][place] = length;
        columns[place].iter_mut().for_each(|value| *value /= length);
        for later in place + 1..size {
            let shadow = dot(&columns[place], &columns[later]);
            upper[place][later] = shadow;
            let (done, rest) = columns.split_at_mut(later);
            subtract(&mut rest[0], &done[place], shadow);
        }
        right[place] = dot(&columns[place], &target);
        subtract(&mut target, &columns[place], right[place]);
    }
    let mut solution = [0.0; 3];
    let mut coefficients = [0.0; 3];
    for place in (0..size).rev() {
        let known: f64 = (place + 1..size).map(|later| upper[place][later] * solution[later]).sum();
        solution[place] = (right[place] - known) / upper[place][place];
        coefficients[subset[place]] = solution[place] / lengths[place];
    }
    Some(coefficients)
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn subtract(from: &mut [f64], column: &[f64], times: f64) {
    from.iter_mut().zip(column).for_each(|(value, other)| *value -= other * times);
}
