import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** How others reach this twin. `unknown`: nobody said yet. */
export const reachabilities = ['direct', 'relayed', 'local', 'unknown'] as const
/** The way a connection takes, shortest first. */
export const paths = ['loopback', 'lan', 'public', 'hole-punched', 'relayed'] as const

const peerId = v.text({ max: 128 })
const address = v.text({ max: 512 })
const addresses = v.list(address, { max: 64 })
const name = v.text({ max: 128 })
const latency = v.pipe(v.number(), v.minValue(0))
const sentence = v.text({ max: 512 })
/** Contact name, twin id or peer id. */
const who = v.text({ min: 1, max: 128 })
const whoRequest = v.object({ who })
const optionalWhoRequest = v.object({ who: v.optional(who) })

const peer = v.object({
  peer: peerId,
  /** Absent for a peer that is no twin, or has not said which */
  twin: v.optional(v.twinId()),
  /** Petname, `me` for the owner's other devices, `bootstrap` for meeting points */
  name: v.optional(name),
  path: v.picklist(paths),
  address,
  latencyMs: v.optional(latency),
  connectedAt: v.optional(v.timeMs())
})
export type NodePeer = v.Output<typeof peer>

const device = v.object({
  number: v.int({ max: 65_535 }),
  name,
  role: v.picklist(['node', 'browser', 'cli']),
  peer: peerId,
  /** `this`: the one that answers; `revoked`: shut out for ever */
  state: v.picklist(['this', 'connected', 'away', 'revoked']),
  issuedAt: v.timeMs(),
  expiresAt: v.timeMs()
})

const warning = v.object({ code: v.text({ max: 32 }), message: sentence, next: sentence })
export type NodeWarning = v.Output<typeof warning>

const status = v.object({
  id: v.twinId(),
  /** Peer id of this device */
  device: peerId,
  name,
  version: v.text({ max: 32 }),
  pid: v.int(),
  startedAt: v.timeMs(),
  reachability: v.picklist(reachabilities),
  addresses,
  peers: v.int(),
  contacts: v.object({ all: v.int(), connected: v.int() }),
  storage: v.object({
    /** Bytes of the store on disk */
    bytes: v.int(),
    freeBytes: v.int(),
    entries: v.int(),
    spaces: v.int()
  }),
  capabilities: v.list(v.object({ name, version: v.text({ max: 16 }) }), { max: 256 }),
  devices: v.list(device, { max: 1024 }),
  warnings: v.list(warning, { max: 32 }),
  /** Where the console is served on this machine; absent when it is not */
  console: v.optional(v.text({ max: 512 }))
})
export type NodeStatus = v.Output<typeof status>

const check = v.object({
  /** What was looked at: `this twin`, a contact's name, or a space */
  about: name,
  /** One rung of the ladder: `home`, `devices`, `network`, `find`, `connect`, `identity`, `contact`, `space`, `received`, `entries`, `opened` */
  step: v.text({ max: 32 }),
  result: v.picklist(['good', 'wait', 'problem']),
  detail: sentence,
  /** What to do; absent when nothing is to be done */
  next: v.optional(sentence)
})
export type NodeCheck = v.Output<typeof check>

const ada = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const adaDevice = '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust'
const adaAddress = `/ip4/192.0.2.7/tcp/4100/p2p/${adaDevice}`
const at = 1_790_000_000_000

/** What an owner asks the running twin about itself. Nobody else may. */
export const nodeProtocol = defineProtocol({
  name: 'node',
  version: '1.0',
  doc: 'The running twin about itself: how it is reached, whom it is connected to, what it holds, what is wrong',
  scopes: {
    read: {
      doc: 'Sees how the twin is doing',
      consent: 'See how your twin is doing',
      callers: ['owner'],
      level: 'view'
    },
    manage: { doc: 'Stops the twin', consent: 'Stop your twin', callers: ['owner'], level: 'admin' },
    backup: {
      doc: 'Writes a backup that only the phrase opens',
      consent: 'Back up your twin',
      callers: ['owner'],
      level: 'admin'
    },
    export: { doc: 'Reads everything', consent: 'Read everything your twin holds', callers: ['owner'], level: 'admin' }
  },
  // A search through the mesh, or a dial of an absent peer, may take its time
  limits: { timeoutMs: 60_000, maxMessageSize: 1024 * 1024, idleTimeoutMs: 600_000 },
  methods: {
    status: unary({
      doc: 'Tells how the twin is reached, what it holds, which capabilities it has and what needs attention',
      scope: 'read',
      request: v.object({}),
      response: status,
      examples: [
        {
          request: {},
          response: {
            id: ada,
            device: adaDevice,
            name: 'Ada',
            version: '0.1.0',
            pid: 4242,
            startedAt: at,
            reachability: 'direct',
            addresses: [adaAddress],
            peers: 3,
            contacts: { all: 2, connected: 1 },
            storage: { bytes: 81_920, freeBytes: 1_000_000_000, entries: 12, spaces: 2 },
            capabilities: [{ name: 'chat', version: '1.0' }],
            devices: [
              {
                number: 1,
                name: 'home box',
                role: 'node',
                peer: adaDevice,
                state: 'this',
                issuedAt: at,
                expiresAt: at + 31_536_000_000
              }
            ],
            warnings: [
              {
                code: 'no-passphrase',
                message: 'The device keys are not protected by a passphrase',
                next: 'Make a new device with one: twin init --restore --passphrase'
              }
            ]
          }
        }
      ]
    }),
    find: unary({
      doc: 'Looks a twin up by its id, in the mesh when it is not known here',
      scope: 'read',
      errors: ['NotFound'],
      request: v.object({ id: v.text({ min: 1, max: 128 }) }),
      response: v.object({
        id: v.twinId(),
        devices: v.list(v.object({ device: peerId, addresses }), { max: 64 })
      }),
      examples: [
        { request: { id: ada }, response: { id: ada, devices: [{ device: adaDevice, addresses: [adaAddress] }] } }
      ]
    }),
    ping: stream({
      doc: 'Measures round trips to a twin and names the path they take',
      scope: 'read',
      errors: ['NotFound'],
      request: v.object({ who, count: v.optional(v.int({ min: 1, max: 1000 })) }),
      item: v.object({ peer: peerId, path: v.picklist(paths), address, latencyMs: latency }),
      examples: [
        {
          request: { who: 'Ada' },
          items: [{ peer: adaDevice, path: 'public', address: adaAddress, latencyMs: 31.5 }]
        }
      ]
    }),
    peers: stream({
      doc: 'Lists open connections',
      scope: 'read',
      request: v.object({}),
      item: peer,
      examples: [
        {
          request: {},
          items: [{ peer: adaDevice, twin: ada, name: 'Ada', path: 'public', address: adaAddress, latencyMs: 31.5 }]
        }
      ]
    }),
    limits: stream({
      doc: 'Lists every limit in force',
      scope: 'read',
      request: v.object({}),
      item: v.object({ name, value: v.text({ max: 128 }), doc: sentence }),
      examples: [{ request: {}, items: [{ name: 'connections.max', value: '300', doc: 'Connections at once' }] }]
    }),
    doctor: stream({
      doc: 'Answers why something does not sync, step by step, for this twin, one contact or all',
      scope: 'read',
      errors: ['NotFound'],
      request: optionalWhoRequest,
      item: check,
      examples: [
        {
          request: {},
          items: [
            { about: 'this twin', step: 'network', result: 'good', detail: 'Connected to 3 peers' },
            {
              about: 'Marie',
              step: 'connect',
              result: 'problem',
              detail: 'None of the 2 known addresses answers',
              next: 'Ask Marie whether the twin runs'
            }
          ]
        }
      ]
    }),
    connect: unary({
      doc: 'Opens a connection to a contact or twin now',
      scope: 'read',
      errors: ['NotFound'],
      request: whoRequest,
      response: peer,
      examples: [
        {
          request: { who: 'Ada' },
          response: { peer: adaDevice, twin: ada, name: 'Ada', path: 'public', address: adaAddress }
        }
      ]
    }),
    export: stream({
      doc: 'Writes out everything the twin holds, readable without a twin',
      scope: 'export',
      request: v.object({}),
      item: v.object({
        /** Name of the file it belongs to, such as `chat/Marie.jsonl` */
        file: v.text({ max: 300 }),
        row: v.json({ maxBytes: 512 * 1024, maxDepth: 20 })
      }),
      examples: [{ request: {}, items: [{ file: 'kv/default.jsonl', row: { key: 'colour', value: 'red' } }] }]
    }),
    backup: stream({
      doc: 'Adds to the backup in a folder of this machine what is new since the last time; only the recovery phrase opens it',
      scope: 'backup',
      errors: ['FailedPrecondition'],
      request: v.object({ folder: v.text({ min: 1, max: 4096 }) }),
      item: v.object({
        /** Rows of the store so far */
        rows: v.int(),
        /** Bytes of attached files so far, once the rows are written */
        bytes: v.optional(v.int()),
        /** In the last item: what was written */
        done: v.optional(
          v.object({
            file: v.text({ max: 4200 }),
            bytes: v.int(),
            /** Everything, not only what is new */
            whole: v.boolean(),
            spaces: v.int(),
            entries: v.int(),
            /** Attached files beside it */
            blobs: v.optional(
              v.object({
                /** In the backup */
                count: v.int(),
                /** Copied this time, the others were there */
                added: v.int(),
                bytes: v.int(),
                /** Referred to, and not on this machine; the first of their names */
                missing: v.int(),
                names: v.list(v.text({ max: 1024 }), { max: 20 })
              })
            )
          })
        )
      }),
      examples: [
        {
          request: { folder: '/media/disk/twin' },
          items: [
            {
              rows: 420,
              done: {
                file: '/media/disk/twin/00000001.twinbackup',
                bytes: 81_920,
                whole: true,
                spaces: 2,
                entries: 400
              }
            }
          ]
        }
      ]
    }),
    resume: unary({
      doc: 'Lets a twin that was restored act on its own again: knocks and answers that wait go out',
      scope: 'manage',
      request: v.object({}),
      response: v.object({ wasOnHold: v.boolean() }),
      examples: [{ request: {}, response: { wasOnHold: true } }]
    }),
    shutdown: unary({
      doc: 'Stops the twin; the answer comes before it is gone',
      scope: 'manage',
      request: v.object({}),
      response: v.object({ pid: v.int() }),
      examples: [{ request: {}, response: { pid: 4242 } }]
    })
  }
})
