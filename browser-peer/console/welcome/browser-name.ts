const browsers: readonly (readonly [RegExp, string])[] = [
  [/Firefox\//, 'Firefox'],
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari']
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux']
]

/** What a person would call it until they name it themselves. */
export function browserName(agent: string = navigator.userAgent): string {
  const find = (list: typeof browsers) => list.find(([pattern]) => pattern.test(agent))?.[1]
  return `${find(browsers) ?? 'Browser'} on ${find(systems) ?? 'a machine'}`
}
