/** What to do about a refusal of this code, by the words of the command that met it; every code of the contracts has a step. */
export function nextStep(code: string, words: readonly string[]): string {
  const step = groupSteps.get(words.join(' '))?.[code] ?? groupSteps.get(words[0] ?? '')?.[code] ?? steps[code]
  return step ?? `See how it is used: ${['twin help', ...words].join(' ')}`
}

type Steps = Readonly<Record<string, string | undefined>>

const people = 'See whom you know, and their ids: twin contacts list'

const spaceSteps: Steps = {
  NotFound: 'See what there is and who is in it: twin spaces, twin space members SPACE',
  FailedPrecondition: 'See names, ids and who decides: twin spaces, twin space members SPACE',
  AlreadyExists: 'See what there is and who is in it: twin spaces, twin space members SPACE'
}

/** Where the general step would be of little help. */
const groupSteps: ReadonlyMap<string, Steps> = new Map(
  Object.entries<Steps>({
    contacts: {
      NotFound: people,
      FailedPrecondition: 'See how things stand with them: twin contacts list',
      AlreadyExists: 'Take another name; these are taken: twin contacts list',
      PermissionDenied: 'Ask them for an invite link and use it: twin contacts add LINK'
    },
    find: {
      NotFound: people,
      Unavailable: 'See who is connected: twin peers; a first address comes with: twin start --bootstrap ADDRESS'
    },
    ping: { NotFound: people },
    doctor: { NotFound: people },
    chat: {
      NotFound: 'Names are in: twin contacts list, twin chat list; ids of messages in: twin chat history WHO --ids',
      FailedPrecondition: 'See how things stand: twin contacts list, twin chat list',
      AlreadyExists: 'Take another name; these are taken: twin chat list',
      TooLarge: 'Send it in several messages: twin chat send WHO - sends each line as one'
    },
    'chat save': {
      NotFound: 'Look at the conversation: twin chat history WHO --ids',
      Unavailable: 'It comes when somebody who has it is there: twin peers'
    },
    kv: {
      NotFound: 'See what is there: twin kv list, twin kv namespaces, twin kv offers',
      FailedPrecondition: 'Look at what stands there now: twin kv list',
      TooLarge: 'A larger value is stored from a file: twin kv put KEY --file FILE'
    },
    notes: {
      NotFound: 'See what is there: twin notes list, twin notes notebooks, twin notes offers',
      FailedPrecondition: 'See how it stands now: twin notes list, twin notes notebooks, twin contacts list'
    },
    'kv share': {
      NotFound: people,
      FailedPrecondition: 'See who is a contact: twin contacts list; which namespaces are yours: twin kv namespaces'
    },
    devices: {
      NotFound: 'See which there are: twin devices',
      FailedPrecondition: 'See which device keeps the list: twin devices'
    },
    spaces: spaceSteps,
    space: spaceSteps,
    'kv accept': { NotFound: 'See what others share with you: twin kv offers' }
  })
)

const steps: Steps = {
  NotFound: 'See what there is: twin status',
  FailedPrecondition: 'See how things stand: twin status',
  AlreadyExists: 'Take another name',
  PermissionDenied: 'Most is for contacts only; ask to become one: twin contacts add LINK',
  Unauthenticated: 'Try again, or see how it is reached: twin doctor',
  TooLarge: 'Split it into smaller parts',
  Unavailable: 'See how it is reached: twin doctor',
  DeadlineExceeded: 'Try again, or see how it is reached: twin doctor',
  ResourceExhausted: 'Wait a moment and try again; the limits are shown by: twin limits',
  Unimplemented: 'The other side runs an older version; see: twin status',
  Aborted: 'Read it again and retry',
  Cancelled: 'Run it again',
  Internal: 'Try again; what failed is shown by: twin start --verbose'
}
