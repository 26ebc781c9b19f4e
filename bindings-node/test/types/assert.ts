/** What tests of types say of types. */

/** Is true if both are the same type. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only for true. */
export const holds = <_ extends true>(): void => {}

/** Compiles only where nothing is left. */
export const never = (nothing: never): never => nothing
