/** Shapes that data must have, and what is said of data that has another. */

import { z } from 'zod'

/** Any JSON object. */
export const JsonObject = z.record(z.string(), z.json())

/** What is wrong with data, in a line: the first thing, and where. */
export const wrongIn = ({ issues: [{ path, message }] }) => [...path, message].join(': ')
