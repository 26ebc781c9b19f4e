/** The machine did, or said, something else than a vector says. */
export class Mismatch extends Error {}
