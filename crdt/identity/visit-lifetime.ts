/** A device that looks only and is let in for no longer is a visit: it is never renewed, and over on time (FORMATS §3). */
export const visitLifetimeMs = 60 * 60 * 1000
