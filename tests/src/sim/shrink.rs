//! Makes a plan that fails smaller, for as long as it fails in the same way (delta debugging).

use super::plan::{Deed, Plan};

/// Plays at most while shrinking one plan.
const MOST_PLAYS: usize = 400;

/// The smallest plan that was found for which `fails` still holds.
pub(super) fn shrink(plan: &Plan, fails: impl Fn(&Plan) -> bool) -> Plan {
    let mut smallest = plan.clone();
    let mut plays = 0;
    let mut size = smallest.deeds.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut has_shrunk = false;
        while from < smallest.deeds.len() && plays < MOST_PLAYS {
            plays += 1;
            let without = without(&smallest, from, size);
            if fails(&without) {
                smallest = without;
                has_shrunk = true;
            } else {
                from += size;
            }
        }
        // What was needed for something that is gone may go now.
        if !has_shrunk || size > 1 {
            size /= 2;
        }
        if plays >= MOST_PLAYS {
            break;
        }
    }
    smallest
}

fn without(plan: &Plan, from: usize, size: usize) -> Plan {
    let keep = |(at, deed): (usize, &Deed)| {
        let is_kept = at < from || at >= from + size;
        is_kept.then(|| deed.clone())
    };
    Plan {
        deeds: plan.deeds.iter().enumerate().filter_map(keep).collect(),
        ..plan.clone()
    }
}
