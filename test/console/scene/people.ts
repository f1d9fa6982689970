import { type FixtureTwin, meet, World } from '../../../protocols/twins.fixture.ts'

export const me = 'Ada Moreau'
const names = {
  marie: 'Marie Lindqvist',
  tomas: 'Tomás Rivera',
  ruth: 'Grandma Ruth',
  jun: 'Jun Park'
} as const

export type Who = keyof typeof names | 'ada'
export type People = Readonly<Record<Who, FixtureTwin>> & { readonly world: World }

const minute = 60_000
/** How long ago the first word was said; the last one was a moment ago */
const firstWord = (76 * 60 + 19) * minute

/** Five twins in one page, each with spaces and a store of its own, who know each other; a new one knows nobody. */
export async function gather({ isNew = false } = {}): Promise<People> {
  const world = new World()
  // What is said first was said days ago
  world.advance(-firstWord)
  const ada = await world.add(me)
  const made: Partial<Record<Who, FixtureTwin>> = { ada }
  for (const [who, name] of Object.entries(names) as [keyof typeof names, string][]) {
    const twin = await world.add(name)
    await twin.profile.set({ name })
    if (!isNew) await meet(ada, twin)
    made[who] = twin
    world.advance(7 * minute)
  }
  const people = { ...made, world } as People
  if (isNew) return people
  await ada.profile.set({ name: me, about: 'Builds bridges, sings alto, always has a spare umbrella.' })
  await ada.owner.confirm({ who: names.marie })
  await ada.owner.confirm({ who: names.ruth })
  await knock(people)
  return people
}

/** Somebody who is nobody yet. */
async function knock({ world, ada }: People): Promise<void> {
  const nadia = await world.add('Nadia Haddad')
  await nadia.profile.set({ name: 'Nadia Haddad' })
  await nadia.owner.add({
    who: ada.id,
    message: 'We sat next to each other at the choir weekend. You wanted the sheet music!'
  })
}

/** The page has no events for what another twin of it has received. */
export async function until<T>(look: () => Promise<T | undefined>, patienceMs = 60_000): Promise<T> {
  for (const since = performance.now(); performance.now() - since < patienceMs; ) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    await new Promise(resolve => setTimeout(resolve, 15))
  }
  throw new Error('The scene did not come about')
}
