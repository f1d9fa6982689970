import { openSelf } from '../../../browser-peer/console/chat/self-conversation.ts'
import type { BlobReference } from '../../../protocols/blobs/protocol.ts'
import { createClient } from '../../../protocols/core/index.ts'
import type { FixtureTwin } from '../../../protocols/twins.fixture.ts'
import { drawCabin } from './draw-cabin.ts'
import { me, type People, until, type Who } from './people.ts'

const minute = 60_000
const hour = 60 * minute

/** What was said between them, each sentence sent by the twin of who said it, and seen by the other. */
export async function talk(people: People): Promise<void> {
  const { world, ada, marie, tomas, jun, ruth } = people
  const direct = async (other: FixtureTwin, lines: readonly (readonly [Who | 'other', string, number])[]) => {
    for (const [from, text, pause] of lines) {
      world.advance(pause * minute)
      const isMine = from === 'ada'
      const [author, reader] = isMine ? [ada, other] : [other, ada]
      const { id } = await author.chat.send({ who: isMine ? other.name : me, text })
      await arrived(reader, isMine ? me : other.name, id)
    }
  }
  await direct(ruth, [
    ['other', 'Dear Ada, the photo of the bridge arrived. Your grandfather would have framed it twice.', 0],
    ['ada', 'He would have counted the rivets first! I am so glad you like it.', 14],
    ['other', 'He would. Come on Sunday, there will be plum cake. 🥧', 9]
  ])
  world.advance(27 * hour)
  await direct(jun, [
    ['other', 'Did you see that the old tram depot is becoming a library?', 0],
    ['ada', 'Finally! https://example.org/depot has the drawings. Look at the roof light.', 6],
    ['other', 'That roof is ridiculous. I love it. Volunteering for the opening?', 31],
    ['ada', 'Only if I get to push the big green button.', 3]
  ])
  world.advance(26 * hour)
  await group(people)
  world.advance(13 * hour)
  await direct(tomas, [
    ['ada', 'Can I borrow the long ladder this weekend?', 0],
    ['other', 'Of course. It is behind the shed, mind the wasps.', 17]
  ])
  for (const name of [ruth.name, jun.name]) await ada.chat.read({ who: name })
  await toMyself(people)
  world.advance(7 * hour)
  await direct(marie, [
    ['other', 'Good news! I signed us up for the night train. Two berths, upper ones, obviously.', 0],
    ['ada', 'Obviously. Who sleeps below has to get up first, that is the law.', 4],
    ['other', 'I shared a notebook with you for the packing list. Write whatever comes to mind.', 2],
    ['ada', 'Already in it. I can see your cursor hovering over the word sandals.', 6],
    ['other', 'They are GOOD sandals.', 1]
  ])
  const all = await history(ada, marie.name)
  await ada.chat.react({ who: marie.name, id: all.at(-1)!.id, emoji: '😄' })
  world.advance(11 * minute)
  const cabin = await store(marie, 'cabin-at-dusk.png', await drawCabin())
  const { id } = await marie.chat.send({ who: me, text: 'The view from the porch, an hour ago', attachments: [cabin] })
  await arrived(ada, marie.name, id)
  world.advance(3 * minute)
  const answer = await ada.chat.reply({
    who: marie.name,
    id,
    text: 'I am not coming back from there, just so you know.'
  })
  await arrived(marie, me, answer.id)
  await marie.chat.read({ who: me })
  await marie.chat.react({ who: me, id: answer.id, emoji: '❤️' })
  world.advance(4 * minute)
  const last = await ada.chat.send({
    who: marie.name,
    text: 'Shall I bring the small telescope? Thursday should be clear.'
  })
  await arrived(marie, me, last.id)
  await marie.chat.read({ who: me })
  await until(async () => ((await history(ada, marie.name)).at(-1)?.state === 'opened' ? true : undefined))
}

async function group({ world, ada, marie, tomas, jun }: People): Promise<void> {
  const { id } = await ada.chat.createGroup({ name: 'Cabin weekend', members: [marie.name, tomas.name, jun.name] })
  const lines: readonly (readonly [FixtureTwin, string, number])[] = [
    [ada, 'Three days, one stove, five people. Who cooks first?', 0],
    [tomas, 'I do. Lentils. Nobody complains on the first evening.', 8],
    [marie, 'I bring bread and the good butter.', 2],
    [jun, 'Board games and a drill, in case the door still sticks.', 12],
    [tomas, 'The door sticks on purpose. It is a feature.', 1]
  ]
  for (const [author, text, pause] of lines) {
    world.advance(pause * minute)
    const sent = await until(async () => author.chat.send({ who: id, text }))
    await arrived(ada, id, sent.id)
  }
  // Read by Ada, but for the last two
  const seen = await history(ada, id)
  await ada.chat.read({ who: id, id: seen.at(-3)!.id })
}

async function toMyself({ world, ada }: People): Promise<void> {
  const id = await openSelf({ client: protocol => createClient(protocol, ada.as('owner')) })
  for (const text of [
    'Ask Ruth whether the plum cake needs the small tin or the big one',
    'Depot library opens on the 12th, doors at ten: https://example.org/depot',
    'Rivet count of the footbridge: 1,184. Grandfather said 1,180.'
  ]) {
    world.advance(9 * minute)
    await ada.chat.send({ who: id, text })
  }
}

async function arrived(reader: FixtureTwin, who: string, id: string): Promise<void> {
  await until(async () => (await history(reader, who)).find(message => message.id === id))
}

async function history(reader: FixtureTwin, who: string) {
  const all = []
  for await (const message of reader.chat.history({ who, peek: true })) all.push(message)
  return all
}

export async function store(twin: FixtureTwin, name: string, file: Blob): Promise<BlobReference> {
  const data = new Uint8Array(await file.arrayBuffer())
  async function* pieces() {
    yield { data }
  }
  for await (const answer of twin.blobs.put({ name, type: file.type }, pieces())) {
    if (answer.reference !== undefined) return answer.reference
  }
  throw new Error('Not stored')
}
