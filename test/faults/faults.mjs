// Faults that are put into the source on purpose, each the work of one careless line. `find` stands in the file exactly once;
// one of the suites has to turn red. A fault whose line has moved is reported as missed, so that the list stays true.
export const faults = [
  {
    name: 'names: what turns text around is shown',
    file: 'crdt/identity/plain-name.ts',
    find: "replace(unseen, '')",
    replace: 'replace(/never/gu, "")',
    suite: ['crdt/identity/plain-name.spec.ts']
  },
  {
    name: 'names: a group of others is called as they wrote it',
    file: 'protocols/chat/conversations.ts',
    find: 'other === undefined ? nameOfSpace(space)',
    replace: 'other === undefined ? space.name',
    suite: ['protocols/hostile-names.spec.ts']
  },
  {
    name: 'names: a new device is listed with what nobody sees in its name',
    file: 'protocols/pairing/offer.ts',
    find: 'this.newcomer = { ...newcomer, name, platform }',
    replace: 'this.newcomer = newcomer',
    suite: ['protocols/pairing/names.spec.ts']
  },
  {
    name: 'console: a link shows another host than it leads to',
    file: 'browser-peer/console/parts/linked-text.tsx',
    find: 'text: isAsRead ? found : url.href',
    replace: 'text: found',
    suite: ['browser-peer/console/parts/linked-text.spec.ts']
  },
  {
    name: 'console: a press counts while nobody sees the page',
    file: 'browser-peer/console/hooks/use-seen.ts',
    find: "document.visibilityState === 'visible' && document.hasFocus()",
    replace: 'true',
    suite: ['test/console/seen.spec.ts']
  },
  {
    name: 'console: a page that comes to the front is taken for read',
    file: 'browser-peer/console/hooks/use-seen.ts',
    find: '      setSeen(false)\n',
    replace: '',
    suite: ['test/console/seen.spec.ts']
  },
  {
    name: 'console: another program may have the IPv6 half of the port',
    file: 'node/console/serve-console.ts',
    find: "if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error",
    replace: '',
    suite: ['node/console/serve-console.spec.ts']
  },
  {
    name: 'console: whoever resets an upgrade or a tunnel ends the twin',
    file: 'node/console/serve-console.ts',
    find: "  socket.on('error', () => {})\n",
    replace: '',
    suite: ['node/console/serve-console.spec.ts']
  },
  {
    name: 'pages of other sites send requests to the console',
    file: 'node/console/admit-request.ts',
    find: '  if (origin !== undefined && !isOwnOrigin(origin, hosts)) return foreign\n',
    replace: '',
    suite: ['node/console/serve-console.spec.ts']
  },
  {
    name: 'pages of other sites load parts of the console',
    file: 'node/console/admit-request.ts',
    find: '  if (isEmbedding(headers)) return foreign\n',
    replace: '',
    suite: ['node/console/serve-console.spec.ts']
  },
  {
    name: 'a page asks no STUN server',
    file: 'browser-peer/stun-servers.ts',
    find: 'new Set(away.flatMap(stunOf))',
    replace: 'new Set<string>()',
    suite: ['browser-peer/stun-servers.spec.ts']
  },
  {
    name: 'a page asks a relay for each of its addresses',
    file: 'browser-peer/stun-servers.ts',
    find: '.slice(0, limits.maxStunServers)',
    replace: '',
    suite: ['browser-peer/stun-servers.spec.ts']
  },
  {
    name: 'STUN is looked for behind the port of a WebSocket',
    file: 'protocols/streams/stun-of.ts',
    find: 'tcp !== undefined && isPlain',
    replace: 'tcp !== undefined && (isPlain || true)',
    suite: ['browser-peer/stun-servers.spec.ts']
  },
  {
    name: 'a ping of a page dials again',
    file: 'browser-peer/own-nodes.ts',
    find: 'await pingOver(connection, signal)',
    replace: 'await this.#init.node.services.ping.ping(connection.remotePeer, { signal })',
    suite: ['test/browser/light.spec.ts']
  },
  {
    name: 'a page takes WebRTC that never connected',
    file: 'browser-peer/page-node.ts',
    find: 'components => punched(refuseUnconnected(components))',
    replace: 'punched',
    suite: ['test/browser/light.spec.ts']
  },
  {
    name: 'a connection that has just opened is not measured',
    file: 'node/mesh/mesh.ts',
    find: 'measure(this.node.getConnections(), ',
    replace: 'measure([], ',
    suite: ['node/mesh/mesh.spec.ts']
  },
  {
    name: 'a silent peer keeps the list of connections waiting',
    file: 'node/mesh/first-pings.ts',
    find: 'withTimeout(patienceMs, signal)',
    replace: 'withTimeout(patienceMs * 600, signal)',
    suite: ['node/mesh/mesh.spec.ts']
  },
  {
    name: 'awake for ever',
    file: 'node/mesh/stay-awake.ts',
    find: 'this.#isAwake = this.#now() - this.#sentAt < awakeMs',
    replace: 'this.#isAwake = this.#now() - this.#sentAt < 1e9',
    suite: ['node/mesh/stay-awake.spec.ts']
  },
  {
    name: 'nobody stays awake',
    file: 'node/mesh/quick-noise.ts',
    find: '    stayAwake.sent()\n',
    replace: '',
    suite: ['node/mesh/quick-noise.spec.ts']
  },
  {
    name: 'the row of a key is made once and never again',
    file: 'crdt/key-value/shard.ts',
    find: '    for (const slot of changed) slot.isChanged = false\n',
    replace: '',
    suite: ['crdt/key-value/shard.spec.ts']
  },
  {
    name: 'a key that went stays in memory',
    file: 'crdt/key-value/shard.ts',
    find: '      this.#byKey.delete(key)\n',
    replace: '',
    suite: ['crdt/key-value/shard.spec.ts']
  },
  {
    name: 'where cursors stand is told to a blind member',
    file: 'crdt/sync/space-exchange.ts',
    find: 'if (!this.#feeds.get(key)?.isServing || replica.space(space)?.mayRead(remote.twin) !== true) return',
    replace: 'if (!this.#feeds.get(key)?.isServing || replica.space(space)?.isMember(remote.twin) !== true) return',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'who is there is told to a blind member that comes later',
    file: 'crdt/sync/space-exchange.ts',
    find: 'if (info.mayRead(remote.twin)) outbox.queuePresence',
    replace: 'if (info.isMember(remote.twin)) outbox.queuePresence',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'the cursor of a blind member is shown',
    file: 'crdt/spaces/presence-table.ts',
    find: 'membership.view?.mayRead(twin) !== true',
    replace: 'membership.view?.numberOf(twin) === undefined',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'who is only reached through others is told of cursors later',
    file: 'crdt/spaces/presence-table.ts',
    find: 'return others.every(({ isDirect }) => isDirect) ?',
    replace: 'return others.length >= 0 ?',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'who is alone in a document is told of later',
    file: 'crdt/spaces/space-presence.ts',
    find: 'near?.length === 0 && (told.from',
    replace: 'near?.length === -1 && (told.from',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'a node passes on later what nobody else tells',
    file: 'crdt/spaces/space-presence.ts',
    find: ' || !this.#table.isHere(told.document)',
    replace: '',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'a node passes on each cursor before anybody draws it',
    file: 'crdt/spaces/space-presence.ts',
    find: 'if (near === undefined || isForNobodyNear) {',
    replace: 'if (near !== null) {',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'who leaves is told to some only, and to others when the page is gone',
    file: 'crdt/spaces/presence-table.ts',
    find: 'if (states.some(({ state }) => state === null)) return undefined',
    replace: '',
    suite: ['crdt/sync/presence.spec.ts']
  },
  {
    name: 'who is shown a letter tells that as typed',
    file: 'crdt/spaces/live-presence.ts',
    find: '    if (!local) return\n',
    replace: '    if (local === undefined) return\n',
    suite: ['crdt/sync/typing.spec.ts']
  },
  {
    name: 'a letter waits where the cursor moved just now',
    file: 'crdt/spaces/live-presence.ts',
    find: '(this.#isTyped ? this.#typedAt : this.#sentAt)',
    replace: 'this.#sentAt',
    suite: ['crdt/sync/typing.spec.ts']
  },
  {
    name: 'what a reader says it types is shown',
    file: 'crdt/spaces/live-presence.ts',
    find: 'this.#init.channel.mayWrite(author) ? readTypedRuns(typed) : []',
    replace: 'readTypedRuns(typed)',
    suite: ['crdt/sync/typing.spec.ts']
  },
  {
    name: 'a letter stands beside the text and in it',
    file: 'crdt/spaces/typed-runs.ts',
    find: 'const arrived = Math.max(0, state - clock)',
    replace: 'const arrived = 0',
    suite: ['crdt/spaces/typed-runs.spec.ts']
  },
  {
    name: 'what was typed and deleted again is shown',
    file: 'crdt/spaces/typed-runs.ts',
    find: 'item.deleted || item.parent !== text',
    replace: 'item.parent !== text',
    suite: ['crdt/spaces/typed-runs.spec.ts']
  },
  {
    name: 'signs are paired over any length',
    file: 'browser-peer/console/notes/markdown.ts',
    find: 'if (at > offset || endOfPiece(text, 0) === text.length) return -1',
    replace: 'if (at >= offset) return -1',
    suite: ['browser-peer/console/notes/markdown.spec.ts']
  },
  {
    name: 'a line of space is read as one of a table',
    file: 'browser-peer/console/notes/markdown.ts',
    find: ' || longIndent.test(cx.peekLine())',
    replace: '',
    suite: ['browser-peer/console/notes/markdown.spec.ts']
  },
  {
    name: 'quotes and lists stand in each other without end',
    file: 'browser-peer/console/notes/markdown.ts',
    find: 'if (cx.depth < maxDepth || ',
    replace: 'if (cx.depth > 0 || ',
    suite: ['browser-peer/console/notes/markdown.spec.ts']
  },
  {
    name: 'a change of the card is told to nobody',
    file: 'protocols/profile/profile.ts',
    find: 'if (card.name !== told?.name || card.about !== told.about) yield card',
    replace: 'if (told === undefined) yield card',
    suite: ['protocols/profile/profile.spec.ts']
  },
  {
    name: 'letters that nobody signs stay',
    file: 'crdt/spaces/typed-lapse.ts',
    find: 'return !known.isOver',
    replace: 'return true',
    suite: ['crdt/spaces/typed-lapse.spec.ts']
  },
  {
    name: 'letters that can not come next are shown',
    file: 'crdt/spaces/typed-runs.ts',
    find: ' || clock > state + maxLength',
    replace: '',
    suite: ['crdt/spaces/typed-runs.spec.ts']
  },
  {
    name: 'everybody is looked up again with each of them',
    file: 'browser-peer/console/notes/remote-marks.ts',
    find: 'if (this.#byClient.has(client) && !this.#old.has(client)) continue',
    replace: '',
    suite: ['browser-peer/console/notes/remote-marks.spec.ts']
  },
  {
    name: 'all devices of a twin are drawn',
    file: 'browser-peer/console/notes/remote-marks.ts',
    find: ' || count >= maxOfTwin',
    replace: '',
    suite: ['browser-peer/console/notes/remote-marks.spec.ts']
  },
  {
    name: 'what others do not see yet is gathered',
    file: 'crdt/spaces/live-presence.ts',
    find: ' || deleteSet.clients.size > 0) return false',
    replace: ') return false',
    suite: ['crdt/spaces/gather-typed.spec.ts']
  },
  {
    name: 'what is gathered waits though it is to be saved',
    file: 'crdt/spaces/live-document.ts',
    find: 'if (!this.#isStored) this.#init.touch()',
    replace: '',
    suite: ['crdt/spaces/gather-typed.spec.ts']
  },
  {
    name: 'only the first of what is typed says how soon it is stored',
    file: 'crdt/documents/loaded-document.ts',
    find: 'isFirst || this.editing !== undefined',
    replace: 'isFirst',
    suite: ['crdt/spaces/gather-typed.spec.ts']
  },
  {
    name: 'a page that is left goes on gathering',
    file: 'browser-peer/gather-typed.ts',
    find: 'onLeave(end)',
    replace: 'onLeave(() => {})',
    suite: ['browser-peer/gather-typed.spec.ts']
  },
  {
    name: 'a twin in the background of a terminal waits for a key, which stops it',
    file: 'node/cli/claim.ts',
    find: ' && context.io.isInForeground()',
    replace: '',
    suite: ['node/cli/claim.spec.ts']
  },
  {
    name: 'every process takes itself for the one in front',
    file: 'node/cli/foreground.ts',
    find: 'return group === foreground',
    replace: 'return true',
    suite: ['node/cli/foreground.spec.ts']
  },
  {
    name: 'who types without a pause has nothing stored',
    file: 'browser-peer/gather-typed.ts',
    find: 'isEnding = clock.now() - begun.at >= mostMs',
    replace: 'isEnding = false',
    suite: ['browser-peer/gather-typed.spec.ts']
  },
  {
    name: 'keys that follow each other fast put off what is stored',
    file: 'browser-peer/gather-typed.ts',
    find: 'if (isEnding) return',
    replace: '',
    suite: ['browser-peer/gather-typed.spec.ts']
  },
  {
    name: 'a page that is left waits for a frame',
    file: 'browser-peer/behind-frame.ts',
    find: 'sight.onLeave(() => end(queueMicrotask))',
    replace: 'sight.onLeave(() => {})',
    suite: ['browser-peer/behind-frame.spec.ts']
  },
  {
    name: 'a page that is loaded anew stores in a task that does not come',
    file: 'browser-peer/behind-frame.ts',
    find: 'queueMicrotask(run)',
    replace: 'defer(run)',
    suite: ['browser-peer/behind-frame.spec.ts']
  },
  {
    name: 'what has arrived goes on standing at the caret',
    file: 'browser-peer/console/notes/remote-marks.ts',
    find: 'caret.type(typed)\n    marks.push',
    replace: 'if (typed !== "") caret.type(typed)\n    marks.push',
    suite: ['browser-peer/console/notes/remote-marks.spec.ts']
  },
  {
    name: 'what is typed moves to a caret that stands elsewhere',
    file: 'browser-peer/console/notes/remote-marks.ts',
    find: '!isThere || now.apart.length > 0',
    replace: 'now.apart.length > 0',
    suite: ['browser-peer/console/notes/remote-marks.spec.ts']
  },
  {
    name: 'what stands twice goes where it could be taken back',
    file: 'browser-peer/tab-notes/tie-texts.ts',
    find: 'extra > 0 ? arrived : []',
    replace: 'extra < 0 ? arrived : []',
    suite: ['browser-peer/tab-notes/tab-notes.spec.ts']
  },
  {
    name: 'what stands beside the words of somebody else is put there again',
    file: 'browser-peer/tab-notes/merge-texts.ts',
    find: 'const joined = join(base, mine, theirs)',
    replace: 'const joined = base === mine ? join(base, mine, theirs) : undefined',
    suite: ['browser-peer/tab-notes/merge-texts.spec.ts']
  },
  {
    name: 'what was typed behind the same letters is looked for in one place',
    file: 'browser-peer/tab-notes/merge-texts.ts',
    find: 'start > furthest - maxPlaces',
    replace: 'start === furthest',
    suite: ['browser-peer/tab-notes/merge-texts.spec.ts']
  },
  {
    name: 'a second tab is not told what others type',
    file: 'browser-peer/tab-notes/lead-note.ts',
    find: '...(typed.length > 0 && { typed })',
    replace: '',
    suite: ['browser-peer/tab-notes/tab-notes.spec.ts']
  },
  {
    name: 'each message is drawn',
    file: 'browser-peer/console/notes/frame-pace.ts',
    find: 'if (this.#isAsked) return false\n',
    replace: '',
    suite: ['browser-peer/console/notes/frame-pace.spec.ts']
  },
  {
    name: 'any length of what is being typed is shown',
    file: 'crdt/spaces/typed-runs.ts',
    find: '    if (length > maxLength) return []\n    runs.push',
    replace: '    runs.push',
    suite: ['crdt/spaces/typed-runs.spec.ts']
  },
  {
    name: 'everybody who writes tells what they type, cursor or not',
    file: 'crdt/spaces/live-presence.ts',
    find: 'if (state?.cursor == null) return',
    replace: 'if (state === null) return',
    suite: ['crdt/sync/typing.spec.ts']
  },
  {
    name: 'a letter is told only after the pause',
    file: 'crdt/spaces/live-presence.ts',
    find: 'if (early <= 0) queueMicrotask(() => this.#flush())',
    replace: 'if (early <= -1e15) queueMicrotask(() => this.#flush())',
    suite: ['crdt/sync/typing.spec.ts']
  },
  {
    name: 'no scope check',
    file: 'protocols/core/served-protocol.ts',
    find: 'if (decision.allow) return',
    replace: 'if (decision.allow || decision.reason) return',
    suite: ['protocols/core/session.spec.ts']
  },
  {
    name: 'leaked message',
    file: 'protocols/core/served-protocol.ts',
    find: "return new ProtocolError('Internal', 'The twin could not answer')",
    replace: "return new ProtocolError('Internal', String(thrown))",
    suite: ['protocols/core/session.spec.ts']
  },
  {
    name: 'refusal explained to a stranger',
    file: 'protocols/core/served-protocol.ts',
    find: "caller.class === 'owner' ? decision.reason",
    replace: 'caller.class !== undefined ? decision.reason',
    suite: ['protocols/core/session.spec.ts']
  },
  {
    name: 'no size limit',
    file: 'protocols/core/unframe.ts',
    find: 'if (length > max) break',
    replace: 'if (length > max * 1e9) break',
    suite: ['protocols/core/frame.spec.ts']
  },
  {
    name: 'no rate limit',
    file: 'protocols/core/served-protocol.ts',
    find: "if (caller.class !== 'owner' && !this.#rate.take(callerKey(caller)))",
    replace: "if (caller.class === 'nobody' && !this.#rate.take(callerKey(caller)))",
    suite: ['protocols/core/session.spec.ts']
  },
  {
    name: 'no rate limit over all protocols',
    file: 'protocols/core/served-protocol.ts',
    find: 'this.#callsPerPeer?.take(callerKey(caller)) === false',
    replace: 'this.#callsPerPeer === null',
    suite: ['protocols/core/server.spec.ts']
  },
  {
    name: 'revoked devices are let in',
    file: 'node/refusals.ts',
    find: 'return lists.length > 0 ||',
    replace: 'return lists.length < 0 ||',
    suite: ['node/refusals.spec.ts']
  },
  {
    name: 'no share per address at a bootstrap node',
    file: 'bootstrap/address-shares.ts',
    find: 'if (waiting.size > maxPendingPerAddress)',
    replace: 'if (waiting.size < 0)',
    suite: ['bootstrap/bootstrap.spec.ts']
  },
  {
    name: 'websockets: a frame that breaks the rules ends the process',
    file: 'protocols/streams/mend-web-sockets.ts',
    find: "        socket.on('error', () => socket.terminate?.())\n",
    replace: '',
    suite: ['protocols/streams/mend-web-sockets.spec.ts']
  },
  {
    name: 'websockets: what is aborted stays open',
    file: 'protocols/streams/mend-web-sockets.ts',
    find: 'if (code !== 1006)',
    replace: 'if (code !== undefined)',
    suite: ['protocols/streams/mend-web-sockets.spec.ts']
  },
  {
    name: 'a stream over a relay that is being left ends the process',
    file: 'protocols/streams/mend-muxer.ts',
    find: '          stream.abort(error as Error)\n',
    replace: '          throw error\n',
    suite: ['protocols/streams/mend-muxer.spec.ts']
  },
  {
    name: 'a sign of life that cannot be sent ends the process',
    file: 'protocols/core/flow.ts',
    find: '      this.fail(toUnavailable(error))\n      return\n',
    replace: '      throw error\n',
    suite: ['protocols/core/flow.spec.ts']
  },
  {
    name: 'no credit window',
    file: 'protocols/core/flow.ts',
    find: 'if (this.#receivedUnacked >= limits.window) {',
    replace: 'if (this.#receivedUnacked < 0) {',
    suite: ['protocols/core/flow.spec.ts']
  },
  {
    name: 'skipped envelope signature',
    file: 'crdt/identity/envelope.ts',
    find: 'if (!(await crypto.verify(signer, preimage(domain, payloadBytes), signature))) {',
    replace: 'if (!(await crypto.verify(signer, preimage(domain, payloadBytes), signature)) && bytes.length === 0) {',
    suite: ['crdt/identity/envelope.spec.ts']
  },
  {
    name: 'any domain',
    file: 'crdt/identity/envelope.ts',
    find: 'if (claimedDomain !== domain) throw',
    replace: 'if (claimedDomain === "") throw',
    suite: ['crdt/identity/envelope.spec.ts']
  },
  {
    name: 'device that did not agree',
    file: 'crdt/identity/certificate.ts',
    find: "  checkClaim(await openEnvelope(asBytes(byTransport, 'The claim'), claim), certificate, certificate.transport)\n",
    replace: '',
    suite: ['crdt/identity/certificate.spec.ts']
  },
  {
    name: 'forged author accepted',
    file: 'crdt/spaces/rights.ts',
    find: 'return crypto.verify(device.certificate.signing, message, run.signature)',
    replace: 'return run.signature.length === 64',
    suite: ['crdt/spaces/hostile.spec.ts']
  },
  {
    name: 'other history not noticed',
    file: 'crdt/spaces/receiver.ts',
    find: 'return known === undefined || equals(known, dep[3])',
    replace: 'return true',
    suite: ['crdt/spaces/hostile.spec.ts', 'crdt/spaces/convergence.spec.ts']
  },
  {
    name: 'skipped gate',
    file: 'crdt/documents/loaded-document.ts',
    find: 'return gate(this.doc, update, { client, roots: this.kind.roots, version: this.#init.gateVersion })',
    replace: 'return { ok: true } as Verdict',
    suite: ['crdt/spaces/hostile.spec.ts']
  },
  {
    name: 'gate forgets the author',
    file: 'crdt/gate/structs.ts',
    find: 'if (reader.uint() !== draft.rules.client) throw',
    replace: 'if (reader.uint() < 0) throw',
    suite: ['crdt/gate/hostile.spec.ts']
  },
  {
    name: 'keys for a replica',
    file: 'crdt/spaces/space-making.ts',
    find: "members.filter(({ role }) => role !== 'replica')",
    replace: 'members',
    suite: ['crdt/spaces/spaces.spec.ts']
  },
  {
    name: 'what stands behind a held entry is judged without it',
    file: 'crdt/spaces/applier.ts',
    find: 'marks.isHolding(log.client, document.name) ? behind :',
    replace: 'marks.isHolding(-1, document.name) ? behind :',
    suite: ['crdt/spaces/held.spec.ts']
  },
  {
    name: 'held entries are not tried again',
    file: 'crdt/spaces/applier.ts',
    find: 'for (const document of this.#grown) this.#retry(group, document)',
    replace: '',
    suite: ['crdt/spaces/held.spec.ts']
  },
  {
    name: 'what waits for a write of this device is not tried when it writes',
    file: 'crdt/spaces/space-commits.ts',
    find: 'applier.retryAfterWrites(group, logs.own.client)',
    replace: '',
    suite: ['crdt/spaces/held.spec.ts']
  },
  {
    name: 'no quota for what is held',
    file: 'crdt/spaces/held-entries.ts',
    find: 'if (isOver) return false',
    replace: '',
    suite: ['crdt/spaces/held.spec.ts']
  },
  {
    name: 'a sender who waits for ever after a throw',
    file: 'crdt/spaces/receiver.ts',
    find: 'this.#preparing?.fail()',
    replace: '',
    suite: ['crdt/spaces/rebuild.spec.ts']
  },
  {
    name: 'gate that does not count what is new',
    file: 'crdt/gate/draft.ts',
    find: 'for (const { size } of clumps) this.step(size)',
    replace: '',
    suite: ['crdt/gate/gate.spec.ts']
  },
  {
    name: 'gate that takes any clock',
    file: 'crdt/gate/structs.ts',
    find: 'if (reader.uint() !== draft.base) throw',
    replace: 'if (reader.uint() < 0) throw',
    suite: ['crdt/gate/hostile.spec.ts']
  },
  {
    name: 'gate that takes deletions of what is to come',
    file: 'crdt/gate/delete-set.ts',
    find: 'if (end > known) {',
    replace: 'if (end < 0) {',
    suite: ['crdt/gate/hostile.spec.ts']
  },
  {
    name: 'gate that takes any key',
    file: 'crdt/gate/rules.ts',
    find: 'key.length <= MAX_KEY_LENGTH && !POLLUTING.has(key)',
    replace: 'key.length <= MAX_KEY_LENGTH',
    suite: ['crdt/gate/hostile.spec.ts']
  },
  {
    name: 'acknowledged before the disk has it',
    file: 'crdt/store/group-commit.ts',
    find: '      await this.#init.store.commit(...groups.map(({ batch }) => batch))\n',
    replace:
      '      for (const { outcomes } of groups) for (const outcome of outcomes) outcome.done()\n      await this.#init.store.commit(...groups.map(({ batch }) => batch))\n',
    suite: ['crdt/spaces/fence.spec.ts']
  },
  {
    name: 'written without sync',
    file: 'crdt/store/store.ts',
    find: 'await chain.write({ sync: true } as object)',
    replace: 'await chain.write({ sync: false } as object)',
    suite: ['crdt/store/store.spec.ts', 'crdt/spaces/fence.spec.ts', 'test/durability.spec.ts']
  },
  {
    name: 'no fence after a failed write',
    file: 'crdt/store/group-commit.ts',
    find: '    this.#init.store.fence(this.#broken)\n',
    replace: '',
    suite: ['crdt/store/group-commit.spec.ts']
  },
  {
    name: 'offer from anybody',
    file: 'crdt/spaces/space-arrivals.ts',
    find: 'if (!isMine && !isOwn && !mayOffer(view.decider))',
    replace: 'if (!isMine && view.decider === undefined)',
    suite: ['crdt/spaces/hostile.spec.ts']
  },
  {
    name: 'record rolled back',
    file: 'node/mesh/read-record.ts',
    find: 'if (best === undefined || opened.sequence > best.sequence) best',
    replace: 'if (best === undefined || opened.sequence < best.sequence) best',
    suite: ['node/mesh/read-record.spec.ts']
  },
  {
    name: 'a second hello forgets the list',
    file: 'protocols/hello/presented.ts',
    find: 'const list = known ?? new DeviceList({ twin, crypto })',
    replace: 'const list = new DeviceList({ twin, crypto, beforeDecide: known && (() => {}) })',
    suite: ['protocols/hello/hello.spec.ts']
  },
  {
    name: 'a list older than the invite is believed',
    file: 'protocols/hello/hello.ts',
    find: 'if (expected !== undefined && !list.has(expected)) {',
    replace: 'if (expected !== undefined && list.has(expected) && expected.length === 0) {',
    suite: ['protocols/hello/hello.spec.ts']
  },
  {
    name: 'hello once a peer',
    file: 'protocols/streams/greeter.ts',
    find: "if (connection.direction === 'outbound') this.#start(connection)",
    replace: "if (connection.direction === 'outbound' && this.#greetings.size === 0) this.#start(connection)",
    suite: ['protocols/streams/greeter.spec.ts']
  },
  {
    name: 'no second introduction',
    file: 'protocols/streams/sync-links.ts',
    find: 'if (wasShort) await this.#init.introduceAgain?.(this.#peer)',
    replace: 'if (wasShort && pauseMs < 0) await this.#init.introduceAgain?.(this.#peer)',
    suite: ['protocols/streams/sync-links.spec.ts']
  },
  {
    name: 'a refused row leaves those before it',
    file: 'browser-peer/kept-database.ts',
    find: '        transaction.abort()',
    replace: '        reject(cause)',
    suite: ['test/browser/compliance.spec.ts']
  },
  {
    name: 'a length is a message of its own',
    file: 'protocols/streams/whole-messages.ts',
    find: 'send(new Uint8ArrayList(data.subarray()))',
    replace: 'send(data)',
    suite: ['protocols/streams/whole-messages.spec.ts']
  },
  {
    name: 'a session stays at the relay',
    file: 'protocols/streams/met-peers.ts',
    find: 'if (isOneOfUs(caller) && this.#relayed.has(peer)) this.links.moved(peer)',
    replace: 'if (isOneOfUs(caller) && !this.#relayed.has(peer)) this.links.moved(peer)',
    suite: ['protocols/streams/met-peers.spec.ts']
  },
  {
    name: 'every path moves the session',
    file: 'protocols/streams/met-peers.ts',
    find: "if (!this.#relayed.has(peer) || pathOf(connection) === 'relayed') return",
    replace: 'this.#relayed.add(peer)',
    suite: ['protocols/streams/met-peers.spec.ts']
  },
  {
    name: 'a moved session pauses first',
    file: 'protocols/streams/sync-links.ts',
    find: '      if (this.#move.signal.aborted) {',
    replace: '      if (this.#move.signal.aborted && wasShort) {',
    suite: ['protocols/streams/sync-links.spec.ts']
  },
  {
    name: 'a knock is brought once',
    file: 'protocols/contacts/knocker.ts',
    find: 'if (this.#stopped.signal.aborted) return\n    const ms',
    replace: 'if (this.#stopped.signal !== undefined) return\n    const ms',
    suite: ['protocols/contacts/contacts.spec.ts']
  },
  {
    name: 'nobody trusted is asked',
    file: 'node/mesh/read-record.ts',
    find: '.slice(0, maxFriends)',
    replace: '.slice(maxFriends)',
    suite: ['node/mesh/read-record.spec.ts']
  },
  {
    name: 'records wait for the walk',
    file: 'node/mesh/publisher.ts',
    find: '.slice(0, maxFriends)',
    replace: '.slice(maxFriends)',
    suite: ['node/mesh/publisher.spec.ts']
  },
  {
    name: 'what nobody took counts as published',
    file: 'node/mesh/publisher.ts',
    find: 'const isTaken = taken.includes(true)',
    replace: 'const isTaken = taken.length > 0',
    suite: ['node/mesh/publisher.spec.ts']
  },
  {
    name: 'one look is enough',
    file: 'node/mesh/find.ts',
    find: 'if (signal.aborted || performance.now() > last)',
    replace: 'if (signal.aborted || performance.now() > 0)',
    suite: ['node/mesh/mesh.spec.ts']
  },
  {
    name: 'a port is anybody’s until it is listened on',
    file: 'node/mesh/create-mesh.ts',
    find: 'held.push(ws)',
    replace: 'await ws.release()',
    suite: ['node/mesh/free-ports.spec.ts']
  },
  {
    name: 'a call hangs on a refused session',
    file: 'protocols/core/client-session.ts',
    find: 'if (this.#end !== undefined) return Promise.reject(this.#end)',
    replace: 'if (this.#end !== undefined && this.#lastId < 0) return Promise.reject(this.#end)',
    suite: ['protocols/core/session.spec.ts']
  },
  {
    name: 'half a length is a length',
    file: 'node/mesh/noise-frames.ts',
    find: 'if (this.#length < lengthSize) return undefined',
    replace: 'if (this.#length === 0) return undefined',
    suite: ['node/mesh/noise-frames.spec.ts']
  },
  {
    name: 'credit after each message again',
    file: 'protocols/streams/calm-window.ts',
    find: "!('recvWindowCapacity' in stream)",
    replace: "!('renamed' in stream)",
    suite: ['node/carriers/libp2p.spec.ts']
  },
  {
    name: 'kit open to others',
    file: 'node/home/write-file.ts',
    find: "open(target, 'wx', 0o600)",
    replace: "open(target, 'wx', 0o644)",
    suite: ['node/home/home.spec.ts']
  },
  {
    name: 'format of a store key changed',
    file: 'crdt/store/keys.ts',
    find: 'const seqDigits = 14',
    replace: 'const seqDigits = 13',
    suite: ['crdt/store/keys.spec.ts']
  },
  {
    name: 'format of a kv row changed',
    file: 'crdt/key-value/row.ts',
    find: 'headerView.setUint32(5, clock)',
    replace: 'headerView.setUint32(5, clock, true)',
    suite: ['crdt/key-value/formats.spec.ts']
  },
  {
    name: 'format of an invite link changed',
    file: 'protocols/contacts/invite-link.ts',
    find: "parameters.set('s', ",
    replace: "parameters.set('q', ",
    suite: ['protocols/contacts/formats.spec.ts']
  },
  {
    name: 'completion that takes the value of an option for an argument',
    file: 'node/cli/completion.ts',
    find: 'if (inline === undefined && option?.value !== undefined) pending = option',
    replace: 'if (inline !== undefined && option?.value !== undefined) pending = option',
    suite: ['node/cli/completion.spec.ts']
  },
  {
    name: 'a line about waiting that stays',
    file: 'node/cli/progress.ts',
    find: "if (isShown) stream.write('\\r\\x1b[K')",
    replace: "if (!isShown) stream.write('\\r\\x1b[K')",
    suite: ['node/cli/progress.spec.ts']
  },
  {
    name: 'a leaf that knows a root',
    file: 'crdt/log/log-id.ts',
    find: '\nexport ',
    replace: "\nexport { homeAt } from '../../node/home/index.ts'\nexport ",
    suite: ['test/boundaries.spec.ts'],
    first: true
  },
  {
    name: 'doctor that trusts the store',
    file: 'node/status/doctor-home.ts',
    find: 'within(spaces.probe(), signal)',
    replace: 'within(Promise.resolve(), signal)',
    suite: ['node/status/doctor.spec.ts']
  },
  {
    name: 'delivered taken for read',
    file: 'node/status/doctor-spaces.ts',
    find: "if (state === 'opened') {",
    replace: 'if (state !== undefined) {',
    suite: ['node/status/doctor.spec.ts']
  },
  {
    name: 'marks that are not counted',
    file: 'crdt/spaces/space-review.ts',
    find: 'if (rejected > 0 || held > 0 || cut > 0 || log.isFrozen) {',
    replace: 'if (log.isFrozen) {',
    suite: ['node/status/doctor-received.spec.ts']
  },
  {
    name: 'a rig: acknowledged before the write',
    file: 'crdt/store/store.ts',
    find: 'await chain.write({ sync: true } as object)',
    replace: 'setTimeout(() => void chain.write({ sync: true } as object), 5)',
    suite: ['test/rigs.spec.ts']
  },
  {
    name: 'a rig: written without sync, which only a power cut shows (needs root)',
    file: 'crdt/store/store.ts',
    find: 'await chain.write({ sync: true } as object)',
    replace: 'await chain.write({ sync: false } as object)',
    suite: ['test/rigs.spec.ts']
  },
  {
    name: 'a rig: the handle is kept after a failed write, which only a full disk shows (needs root)',
    file: 'crdt/store/store.ts',
    find: 'this.#opening = this.#db.close().then(() => this.open())',
    replace: 'this.#opening = this.open()',
    suite: ['test/rigs.spec.ts']
  },
  {
    name: 'closed on a full disk, so that nothing can be read',
    file: 'crdt/store/store.ts',
    find: 'if (!(await this.#hasRoom())) throw',
    replace: 'if ((await this.#hasRoom()) === undefined) throw',
    suite: ['crdt/store/store.spec.ts', 'crdt/spaces/fence.spec.ts']
  },
  {
    name: 'a write that comes while the store cannot be opened is left waiting',
    file: 'crdt/store/group-commit.ts',
    find: 'if (next !== undefined) this.touch(next)',
    replace: 'if (next !== undefined && this.#broken === undefined) this.touch(next)',
    suite: ['crdt/spaces/fence.spec.ts']
  },
  {
    name: 'a new database is made in its place',
    file: 'node/database.ts',
    find: 'if (names.length === 0) await createDatabase(folder)',
    replace: 'if (names.length < 0) await createDatabase(folder)',
    suite: ['node/database.spec.ts']
  },
  {
    name: 'what is taken while a milestone begins counts as nothing',
    file: 'crdt/spaces/adoption.ts',
    find: 'if (!adopting.hasBegun) await',
    replace: 'if (adopting.hasBegun) await',
    suite: ['crdt/spaces/adoption.spec.ts']
  },
  {
    name: 'what others decided is not written again where it failed',
    file: 'crdt/spaces/space-commits.ts',
    find: 'const written = records.writeMissing(batch, membership)',
    replace: 'const written = records.writeMissing(context.store.batch(), membership)',
    suite: ['crdt/spaces/failed-records.spec.ts']
  },
  {
    name: 'what was refused is removed once for each that is made',
    file: 'crdt/spaces/space-making.ts',
    find: 'this.#removing ??= (async',
    replace: 'this.#removing = (async',
    suite: ['crdt/spaces/failed-records.spec.ts']
  },
  {
    name: 'claims about what is typed end before the last keystroke',
    file: 'crdt/spaces/attester.ts',
    find: 'this.#timer = setTimeout(() => this.#sign(), gatherMs)',
    replace: 'this.#timer = setTimeout(() => {}, gatherMs)',
    suite: ['crdt/sync/typing.spec.ts']
  },
  {
    name: 'simulated: acknowledged before it is synced',
    file: 'crdt/store/group-commit.ts',
    find: 'await this.#init.store.commit(...groups.map(({ batch }) => batch))',
    replace: 'void this.#init.store.commit(...groups.map(({ batch }) => batch)).catch(() => {})',
    suite: ['test/simulate/simulate.spec.ts']
  },
  {
    name: 'simulated: writes that are not synced',
    file: 'crdt/store/store.ts',
    find: 'await chain.write({ sync: true } as object)',
    replace: 'await chain.write({ sync: false } as object)',
    suite: ['test/simulate/simulate.spec.ts']
  },
  {
    name: 'simulated: applied before the covering signature',
    file: 'crdt/spaces/receiver.ts',
    find: 'while (chain.unproved.length > 0 && !(await isSigned(this.#init.context, chain.runs.at(-1)!))) {',
    replace: 'while (chain.unproved.length > 1000 && !(await isSigned(this.#init.context, chain.runs.at(-1)!))) {',
    suite: ['test/simulate/simulate.spec.ts']
  },
  {
    name: 'a write acknowledged on a handle that has failed',
    file: 'crdt/store/store.ts',
    find: "if (this.#fenced !== undefined)\n      throw new StoreError('failed', 'A write before this one failed'",
    replace: "if (this.#fenced === null)\n      throw new StoreError('failed', 'A write before this one failed'",
    suite: ['crdt/store/store.spec.ts']
  },
  {
    name: 'a checkpoint that covers what no snapshot has',
    file: 'crdt/spaces/document-loader.ts',
    find: 'return [...(await this.#readTail()).keys()]',
    replace: 'this.#tail ??= Promise.resolve(new Map()); return [...(await this.#tail).keys()]',
    suite: ['crdt/spaces/fence.spec.ts']
  },
  {
    name: 'what was stored before a crash is never attested',
    file: 'crdt/spaces/space-loading.ts',
    find: '[...logs].filter(log => log.durable > 0)',
    replace: '[...logs].filter(log => log.durable < 0)',
    suite: ['crdt/spaces/spaces.spec.ts']
  },
  {
    name: 'a chunk of a blob is not verified',
    file: 'protocols/blobs/fetch.ts',
    find: 'if (index !== next || !isChunkOf(manifest, index, sealed, blobs.crypto)) {',
    replace: 'if (index !== next) {',
    suite: ['protocols/blobs/blobs.spec.ts']
  },
  {
    name: 'chunks of an earlier run of a blob are believed',
    file: 'protocols/blobs/fetch.ts',
    find: 'if (!isChunkOf(manifest, this.#have, await draft.read(this.#have), blobs.crypto)) break',
    replace: '',
    suite: ['protocols/blobs/blobs.spec.ts']
  },
  {
    name: 'any contact fetches any blob',
    file: 'protocols/blobs/blob-service.ts',
    find: 'twinToText(twin) === caller.twin',
    replace: 'twin.length > 0',
    suite: ['protocols/blobs/blobs.spec.ts']
  },
  {
    name: 'a blob is collected without a second look',
    file: 'crdt/blobs/blobs.ts',
    find: 'if ((await this.isReferred(address)) || this.#held.has(address)) {',
    replace: 'if (this.#held.has(address)) {',
    suite: ['crdt/blobs/blobs.spec.ts']
  },
  {
    name: 'a blob that is held is collected',
    file: 'crdt/blobs/blobs.ts',
    find: 'if ((await this.isReferred(address)) || this.#held.has(address)) {',
    replace: 'if (await this.isReferred(address)) {',
    suite: ['crdt/blobs/blobs.spec.ts']
  },
  {
    name: 'a deleted message goes on referring to its files',
    file: 'protocols/chat/document-kind.ts',
    find: 'this.#deleted.add(key)',
    replace: '',
    suite: ['protocols/chat/attach.spec.ts']
  },
  {
    name: 'the name of a file leads out of its folder',
    file: 'crdt/blobs/format.ts',
    find: "if (name === '.' || name === '..' || isLongerThan(",
    replace: 'if (isLongerThan(',
    suite: ['crdt/blobs/formats.spec.ts']
  },
  {
    name: 'mailbox: requests that could not be read once are left nowhere',
    file: 'node/mailbox/knock-leaver.ts',
    find: '.catch(error => this.#failed(error))',
    replace: '',
    suite: ['node/mailbox/knock-leaver.spec.ts']
  },
  {
    name: 'mailbox: any token opens any box',
    file: 'protocols/mailbox/mailbox-host.ts',
    find: 'box.terms.tokens.has(by)',
    replace: 'by.length > 0',
    suite: ['protocols/mailbox/mailbox.spec.ts']
  },
  {
    name: 'mailbox: an acknowledgement of anybody deletes',
    file: 'protocols/mailbox/ack.ts',
    find: 'equals(signer, box) &&',
    replace: 'signer.length > 0 &&',
    suite: ['protocols/mailbox/mailbox.spec.ts']
  },
  {
    name: 'mailbox: a forged receipt counts',
    file: 'protocols/mailbox/receipt.ts',
    find: 'if (!isMeant) throw',
    replace: 'if (!isMeant && bytes.length === 0) throw',
    suite: ['protocols/mailbox/delivery.spec.ts', 'protocols/mailbox/mailbox.spec.ts']
  },
  {
    name: 'mailbox: one mailbox is enough',
    file: 'protocols/mailbox/box-filler.ts',
    find: 'const wantedMailboxes = 2',
    replace: 'const wantedMailboxes = 1',
    suite: ['protocols/mailbox/delivery.spec.ts']
  },
  {
    name: 'lists of deciding twins are not read before their spaces',
    file: 'crdt/spaces/space-assembly.ts',
    find: 'if (lacks !== undefined && (await directory.load(lacks)) !== undefined) await membership.append(record)',
    replace: '',
    suite: ['crdt/spaces/reopen.spec.ts']
  },
  {
    name: 'entries are shown before anybody was asked',
    file: 'crdt/spaces/own-history.ts',
    find: 'if (this.#isConfirmed || log.key !== this.#log?.key || seq <= this.#base) return false',
    replace: 'if (this.#isConfirmed || log.key !== this.#log?.key || seq > 0) return false',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'a checkpoint outlives its snapshots',
    file: 'crdt/spaces/own-history.ts',
    find: '    batch.del(keys.snapshots)\n',
    replace: '',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'what was set aside is written at the clocks it had',
    file: 'crdt/spaces/move-update.ts',
    find: 'id.clock - moved.from + moved.to',
    replace: 'id.clock',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'compaction drops what somebody lacks',
    file: 'crdt/spaces/holders.ts',
    find: 'if (!isAway) limit = Math.min(limit, this.#heldBy(id, log))',
    replace: 'if (isAway) limit = Math.min(limit, this.#heldBy(id, log))',
    suite: ['crdt/spaces/compaction.spec.ts']
  },
  {
    name: 'compaction with a single holder',
    file: 'crdt/spaces/holders.ts',
    find: 'return holders >= Math.min(minHolders, nodes.length + self) ? limit : 0',
    replace: 'return holders >= 1 ? limit : 0',
    suite: ['crdt/spaces/compaction.spec.ts']
  },
  {
    name: 'compaction counts the keeper as away',
    file: 'crdt/spaces/holders.ts',
    find: 'const mayCut = isKeeper ||',
    replace: 'const mayCut = false ||',
    suite: ['crdt/spaces/holders.spec.ts']
  },
  {
    name: 'a milestone of any member is taken',
    file: 'crdt/spaces/judge-milestone.ts',
    find: 'if (!isTrusted(context, milestone, me.twin)) {',
    replace: 'if (milestone.number < 0) {',
    suite: ['crdt/spaces/milestone-hostile.spec.ts']
  },
  {
    name: 'a milestone without its signature',
    file: 'crdt/spaces/judge-milestone.ts',
    find: 'if (!(await verifyMilestone(milestone, device.certificate.signing, crypto))) {',
    replace: 'if (milestone.signature.length !== 64) {',
    suite: ['crdt/spaces/milestone-hostile.spec.ts']
  },
  {
    name: 'a snapshot beyond the logs that it covers',
    file: 'crdt/gate/snapshot-gate.ts',
    find: "if (clock > limit) throw new Refusal('clock', 'The snapshot is beyond the log that it covers')",
    replace: '',
    suite: ['crdt/gate/snapshot-gate.spec.ts', 'crdt/spaces/milestone-hostile.spec.ts']
  },
  {
    name: 'entries are applied again that a snapshot has',
    file: 'crdt/spaces/applier.ts',
    find: 'else if (!milestones.hasBeyond(payload.document, log.client, seq)) {',
    replace: 'else {',
    suite: ['crdt/sync/milestone.spec.ts']
  },
  {
    name: 'the log is read from before a milestone',
    file: 'crdt/spaces/document-loader.ts',
    find: 'for (const [client, seq] of this.#init.milestones.floor) {',
    replace: 'for (const [client, seq] of new Map<number, number>()) {',
    suite: ['crdt/spaces/compaction.spec.ts']
  },
  {
    name: 'of two milestones one is read',
    file: 'crdt/spaces/milestones.ts',
    find: 'for (const snapshot of this.of(document)) {',
    replace: 'for (const snapshot of this.of(document).slice(0, 1)) {',
    suite: ['crdt/spaces/milestones-together.spec.ts']
  },
  {
    name: 'of two milestones one is handed on',
    file: 'crdt/spaces/milestone-offer.ts',
    find: 'isWorth(context, some, theirs) ? some : []',
    replace: 'some.slice(0, 1)',
    suite: ['crdt/spaces/milestones-together.spec.ts']
  },
  {
    name: 'a milestone covers what is held',
    file: 'crdt/spaces/compaction-round.ts',
    find: 'const end = Math.min(log.seq, cut, held - 1)',
    replace: 'const end = Math.min(log.seq, cut, Math.max(held, log.seq))',
    suite: ['crdt/spaces/held-compaction.spec.ts']
  },
  {
    name: 'a snapshot says to have what is held in its document',
    file: 'crdt/spaces/seal-document.ts',
    find: 'return Math.min(end, (marks.firstHeld(log.client, document.name) ?? end + 1) - 1)',
    replace: 'return end',
    suite: ['crdt/spaces/held-compaction.spec.ts']
  },
  {
    name: 'a disk that was set back goes on though a peer has signed to hold more',
    file: 'crdt/spaces/own-history.ts',
    find: 'if (this.behind > 0) return false',
    replace: 'if (this.behind < 0) return false',
    suite: ['crdt/sync/rollback-compacted.spec.ts']
  },
  {
    name: 'what a former device showed nobody stays in its log',
    file: 'crdt/spaces/set-aside-former.ts',
    find: 'if (history.unshown === 0) continue',
    replace: 'if (history.unshown >= 0) continue',
    suite: ['crdt/sync/rollback-compacted.spec.ts']
  },
  {
    name: 'a device whose disk this was ends before others were met',
    file: 'crdt/spaces/device-keeping.ts',
    find: 'if (formerDevices.includes(number)) continue',
    replace: 'if (formerDevices.length > 9) continue',
    suite: ['crdt/sync/rollback-compacted.spec.ts']
  },
  {
    name: 'a device in the place of another takes milestones of the keeper only',
    file: 'crdt/spaces/judge-milestone.ts',
    find: 'if (membership.view?.mayWrite(by.twin) === true && hasLeft(context, forTwin)) return true',
    replace: 'if (membership.view === undefined && hasLeft(context, forTwin)) return true',
    suite: ['crdt/sync/rollback-compacted.spec.ts']
  },
  {
    name: 'what only a device in the place of another took is not sealed for newcomers',
    file: 'crdt/spaces/device-keeping.ts',
    find: 'if (space.sync.standsAlone) void space.compact()',
    replace: 'if (space.id.length === 0) void space.compact()',
    suite: ['crdt/sync/rollback-compacted.spec.ts']
  },
  {
    name: 'a device from before a restore is listed like any other',
    file: 'crdt/identity/former-devices.ts',
    find: 'list.add(former.bytes, signer, at, true)',
    replace: 'list.add(former.bytes, signer, at)',
    suite: ['crdt/identity/former-devices.spec.ts']
  },
  {
    name: 'a device from before a restore revokes others',
    file: 'crdt/identity/device-list.ts',
    find: 'if (this.bySigning(signer)?.isFormer === true) return false',
    replace: 'if (this.bySigning(signer) === null) return false',
    suite: ['crdt/identity/former-devices.spec.ts']
  },
  {
    name: 'a mailbox does not tell of a revocation',
    file: 'protocols/mailbox/plan-deliveries.ts',
    find: '(claimed === 0 || isNews)',
    replace: 'claimed === 0',
    suite: ['protocols/mailbox/plan-deliveries.spec.ts']
  },
  {
    name: 'a milestone covers entries of unknown kinds',
    file: 'crdt/spaces/compaction-round.ts',
    find: 'if (!isKnown) round.ends.set(',
    replace: 'if (log.seq < 0) round.ends.set(',
    suite: ['crdt/spaces/held-compaction.spec.ts']
  },
  {
    name: 'a writer seals for others',
    file: 'crdt/spaces/judge-milestone.ts',
    find: 'if (isByWriters(context) && milestone.logs.some(',
    replace: 'if (milestone.number < 0 && milestone.logs.some(',
    suite: ['crdt/sync/conversation-growth.spec.ts']
  },
  {
    name: 'a milestone of a writer is not compared with the log',
    file: 'crdt/spaces/adoption.ts',
    find: 'if (await matchesLog(this.#init, held)) return []',
    replace: 'if (held.documents.size >= 0) return []',
    suite: ['crdt/sync/conversation-growth.spec.ts']
  },
  {
    name: 'rows of a sealed conversation without their entries',
    file: 'crdt/spaces/milestones.ts',
    find: 'seq: seqAt(spans.get(client) ?? [], clock)',
    replace: 'seq: 0',
    suite: ['crdt/sync/conversation-growth.spec.ts']
  },
  {
    name: 'a file of a backup is restored unchecked',
    file: 'node/recovery/backup-blobs.ts',
    find: 'if (!isChunkOf(manifest, index, sealed, crypto)) throw damaged()',
    replace: 'if (sealed.length === 0) throw damaged()',
    suite: ['test/backup-blobs.spec.ts']
  },
  {
    name: 'files that are missing from a backup are not told',
    file: 'node/recovery/backup-blobs.ts',
    find: 'if (size === undefined) missing.push(name)',
    replace: 'if (size === undefined) count++',
    suite: ['test/backup-blobs.spec.ts']
  },
  {
    name: 'a milestone over a rolled-back disk',
    file: 'crdt/spaces/judge-milestone.ts',
    find: 'if (number === me.device && equals(twin, me.twin)) {',
    replace: 'if (number === 0) {',
    suite: ['crdt/spaces/milestone-hostile.spec.ts']
  },
  {
    name: 'documents fill up with what was overwritten',
    file: 'crdt/documents/loaded-document.ts',
    find: 'if (this.#measured === undefined || this.size - this.#measured > bytes / 16) this.measured(this.encode().length)',
    replace: '',
    suite: ['crdt/spaces/documents.spec.ts']
  },
  {
    name: 'membership: any epoch is accepted',
    file: 'crdt/spaces/rights.ts',
    find: 'if (view.epoch?.epoch !== run.epoch) throw',
    replace: 'if (view.epoch === undefined) throw',
    suite: ['crdt/spaces/hostile.spec.ts', 'crdt/spaces/removal.spec.ts']
  },
  {
    name: 'membership: no new epoch after a removal',
    file: 'crdt/spaces/space-keeping.ts',
    find: '      found.space.changed([record], [])\n      await this.#rotate(found)\n',
    replace: '      found.space.changed([record], [])\n',
    suite: ['crdt/spaces/removal.spec.ts']
  },
  {
    name: 'membership: the cut is ignored',
    file: 'crdt/spaces/quarantine.ts',
    find: 'if (cut !== undefined) return seq > cut.seq',
    replace: 'if (cut !== undefined) return seq < 0',
    suite: ['crdt/spaces/removal.spec.ts', 'crdt/spaces/revocation.spec.ts']
  },
  {
    name: 'membership: what builds on a cut entry stays',
    file: 'crdt/spaces/quarantine.ts',
    find: '    if (deps.some(dep => this.#isOut(rule, dep))) return true\n',
    replace: '',
    suite: ['crdt/spaces/removal.spec.ts', 'crdt/spaces/revocation.spec.ts']
  },
  {
    name: 'membership: no author names a cut',
    file: 'crdt/spaces/sealer.ts',
    find: 'const seq = Math.min(quarantine.lastIn(log.client, log.seq), quarantine.endOf(log.client)?.seq ?? log.seq)',
    replace: 'const { seq } = log',
    suite: ['crdt/spaces/revocation.spec.ts']
  },
  {
    name: 'taken back: cuts are kept',
    file: 'crdt/spaces/device-keeping.ts',
    find: 'undo ? []',
    replace: 'undo && !undo ? []',
    suite: ['crdt/spaces/taken-back.spec.ts']
  },
  {
    name: 'taken back: forgotten by the keeper that hears of it',
    file: 'crdt/spaces/device-keeping.ts',
    find: 'list.isTakenBackByWord(number) && this',
    replace: 'list.isTakenBackByWord(0) && this',
    suite: ['crdt/spaces/taken-back.spec.ts']
  },
  {
    name: 'taken back: at any age',
    file: 'crdt/spaces/device-keeping.ts',
    find: 'list.isTakenBackByWord(number) && this.#isNew({ certificate })',
    replace: 'list.isTakenBackByWord(number)',
    suite: ['crdt/spaces/taken-back.spec.ts']
  },
  {
    name: 'taken back: not those that it let in',
    file: 'protocols/pairing/pairing.ts',
    find: 'for (const one of revoked) await this.#takeBack(one)',
    replace: 'await this.#takeBack(number)',
    suite: ['protocols/pairing/probation.spec.ts']
  },
  {
    name: 'taken back: a new device is sealed',
    file: 'crdt/spaces/compaction-obstacle.ts',
    find: 'seq > 0 && isNewAuthor',
    replace: 'seq < 0 && isNewAuthor',
    suite: ['crdt/spaces/taken-back-compaction.spec.ts']
  },
  {
    name: 'taken back: a new device seals',
    file: 'crdt/spaces/judge-milestone.ts',
    find: 'isNewAuthor(context, milestone.by) || ',
    replace: '',
    suite: ['crdt/spaces/taken-back-compaction.spec.ts']
  },
  {
    name: 'taken back: what a new device wrote is taken from a milestone',
    file: 'crdt/spaces/judge-milestone.ts',
    find: ' || milestone.logs.some(isNewOne)',
    replace: '',
    suite: ['crdt/spaces/taken-back-compaction.spec.ts']
  },
  {
    name: 'cuts: ids that were given again are taken for the old ones',
    file: 'crdt/spaces/rebuild.ts',
    find: 'shared.set(client, Math.min(id.clock, shared.get(client) ?? 0))',
    replace: '',
    suite: ['crdt/spaces/cuts-random.spec.ts']
  },
  {
    name: 'cuts: Yjs is not told where items were put in',
    file: 'crdt/documents/reissue.ts',
    find: '      forgetPositions(transaction)',
    replace: '',
    suite: ['crdt/documents/forget-positions.spec.ts']
  },
  {
    name: 'membership: a session with a revoked device goes on',
    file: 'crdt/sync/sync-session.ts',
    find: '        if (replica.isRevoked(this.remote)) this.#fail(revoked())\n        else {',
    replace: '        {',
    suite: ['crdt/sync/sync-session.spec.ts']
  },
  {
    name: 'membership: a former member hears of what is decided later',
    file: 'crdt/spaces/local-replica.ts',
    find: 'records: end === undefined ? [] : records.slice(0, end + 1)',
    replace: 'records: end === undefined ? [] : records',
    suite: ['crdt/spaces/removal.spec.ts']
  },
  {
    name: 'membership: nobody tells who was removed',
    file: 'crdt/sync/space-exchange.ts',
    find: '      if (!this.#mayServe(space)) this.#removals.tell(peer)\n      else if',
    replace: '      if (!this.#mayServe(space)) return\n      if',
    suite: ['protocols/spaces/spaces.spec.ts']
  },
  {
    name: 'certificate: never renewed',
    file: 'crdt/identity/certificate.ts',
    find: 'return now >= expires - (expires - issued) / 3',
    replace: 'return now >= expires + (expires - issued)',
    suite: ['node/certificate-renewal.spec.ts']
  },
  {
    name: 'certificate: a revoked device is renewed',
    file: 'node/certificate-renewal.ts',
    find: 'return !list.isRevoked(number) && certificate.issued < now &&',
    replace: 'return certificate.issued < now &&',
    suite: ['node/certificate-renewal.spec.ts']
  },
  {
    name: 'certificate: an expired device is not told',
    file: 'protocols/hello/presented.ts',
    find: "return isExpired ? { refused: 'expired' as const } : {}",
    replace: "return isExpired && now < 0 ? { refused: 'expired' as const } : {}",
    suite: ['node/certificate-renewal.spec.ts']
  },
  {
    name: 'devices: a record for another keeper is taken for a take-over',
    file: 'protocols/devices/devices.ts',
    find: "if (answer === 'refused' || keeper === undefined || !equals(keeper, me.signer.publicKey)) {",
    replace: 'if (keeper === undefined) {',
    suite: ['protocols/devices/devices.spec.ts']
  },
  {
    name: 'spaces: the first of several names is meant',
    file: 'protocols/spaces/find-space.ts',
    find: 'if (more.length === 0) return first',
    replace: 'if (more.length >= 0) return first',
    suite: ['protocols/spaces/spaces.spec.ts']
  },
  {
    name: 'doctor that says nothing of a removal',
    file: 'node/status/doctor-spaces.ts',
    find: 'if (space.myNumber === undefined) {',
    replace: 'if (space.myNumber === 0) {',
    suite: ['node/status/device-troubles.spec.ts']
  },
  {
    name: 'years: a store whose version says nothing of cuts',
    file: 'crdt/store/store-version.ts',
    find: "return key.startsWith('q/') ? 2 : 1",
    replace: "return key.startsWith('q/') ? 1 : 1",
    suite: ['crdt/store/store-version.spec.ts']
  },
  {
    name: 'years: the version comes before the row that needs it',
    file: 'crdt/store/store.ts',
    find: 'if (version > this.#version) {',
    replace: 'if (version > this.#version) {\n      await this.#db.put(versionKey, Uint8Array.of(version))',
    suite: ['crdt/store/store-version.spec.ts']
  },
  {
    name: 'years: rows gathered from another state are used',
    file: 'crdt/store/renew-rows.ts',
    find: 'equals(stored.subarray(1), from)',
    replace: 'equals(from, from)',
    suite: ['crdt/store/renew-rows.spec.ts']
  },
  {
    name: 'years: old rows go before the new ones are written',
    file: 'crdt/store/renew-rows.ts',
    find: '    await writeNew(store, renewal)',
    replace: '    await removeOld(store, renewal)\n    await writeNew(store, renewal)',
    suite: ['crdt/store/renew-rows.spec.ts']
  },
  {
    name: 'years: an index of another projection is taken as it is',
    file: 'crdt/spaces/renew-index.ts',
    find: '(stored.get(kind) ?? 1) === projection',
    replace: '(stored.get(kind) ?? 1) <= projection',
    suite: ['crdt/spaces/renew-index.spec.ts']
  },
  {
    name: 'years: an index that was left half done is left so',
    file: 'crdt/spaces/renew-index.ts',
    find: '!isForced && progress === undefined && isCurrent',
    replace: '!isForced && isCurrent',
    suite: ['crdt/spaces/renew-index.spec.ts']
  },
  {
    name: 'years: a twin that offers its newest minor only',
    file: 'protocols/core/define-protocol.ts',
    find: 'Array.from({ length: minor + 1 }',
    replace: 'Array.from({ length: 1 }',
    suite: ['test/releases.spec.ts']
  },
  {
    name: 'years: a store of the second version whose held entries are forgotten',
    file: 'crdt/spaces/entry-marks.ts',
    find: 'const released = 3',
    replace: 'const released = 4',
    suite: ['crdt/spaces/frozen-store-2.spec.ts']
  },
  {
    name: 'any digits let a device in',
    file: 'protocols/pairing/pairing.ts',
    find: "if (digits.replace(/[\\s-]/g, '') !== shown.digits) {",
    replace: "if (digits === '') {",
    suite: ['protocols/pairing/pairing.spec.ts']
  },
  {
    name: 'a link is begun twice',
    file: 'protocols/pairing/offer.ts',
    find: 'if (this.#holder !== undefined) {',
    replace: 'if (this.#holder !== undefined && this.#holder !== peer) {',
    suite: ['protocols/pairing/pairing.spec.ts']
  },
  {
    name: 'a commitment that nobody looks at',
    file: 'protocols/pairing/offer.ts',
    find: 'equals(commit(this.id, nonce, newcomer, crypto), this.#commitment) &&',
    replace: 'this.#commitment.length === 32 &&',
    suite: ['protocols/pairing/pairing.spec.ts']
  },
  {
    name: 'keys of another peer than calls',
    file: 'protocols/pairing/offer.ts',
    find: '&& equals(newcomer.transport, textToTwin(peer))',
    replace: '&& textToTwin(peer).length === 32',
    suite: ['protocols/pairing/pairing.spec.ts']
  },
  {
    name: 'a link that outlives a sleeping machine',
    file: 'protocols/pairing/desk.ts',
    find: 'offer.init.expiresAt <= this.#now()',
    replace: 'offer.init.expiresAt <= 0',
    suite: ['protocols/pairing/pairing.spec.ts']
  },
  {
    name: 'who let it in ends the probation',
    file: 'protocols/pairing/pairing.ts',
    find: 'if (asks === pairing.by || asks === number) {',
    replace: 'if (asks === number) {',
    suite: ['protocols/pairing/probation.spec.ts']
  },
  {
    name: 'a thief whose second device stays',
    file: 'protocols/pairing/pairing.ts',
    find: 'if (by === next && !found.includes(device.number))',
    replace: 'if (by === 0 && !found.includes(device.number))',
    suite: ['protocols/pairing/probation.spec.ts']
  },
  {
    name: 'an unbound digit',
    file: 'protocols/pairing/transcript.ts',
    find: 'const fields = [1, kind, offer, peer, twin, level, toTuple(newcomer), newcomerNonce, twinNonce]',
    replace: 'const fields = [1, kind, offer, twin, twin, level, toTuple(newcomer), newcomerNonce, twinNonce]',
    suite: ['protocols/pairing/formats.spec.ts']
  },
  {
    name: 'a level that nobody asks for',
    file: 'protocols/core/authorize.ts',
    find: 'return reaches(caller.level, needed) ?',
    replace: "return reaches('admin', needed) ?",
    suite: ['test/levels.spec.ts']
  },
  {
    name: 'what a looking device wrote counts',
    file: 'crdt/spaces/rights.ts',
    find: 'if (isViewOnly(device.certificate.scopes)) throw',
    replace: 'if (isViewOnly([])) throw',
    suite: ['crdt/spaces/view-device.spec.ts']
  },
  {
    name: 'the level of when the stream was opened',
    file: 'node/own-guard.ts',
    find: 'caller: { ...caller, level } })',
    replace: 'caller })',
    suite: ['node/own-guard.spec.ts']
  },
  {
    name: 'mailbox: a revocation waits for the next entry',
    file: 'protocols/mailbox/box-filler.ts',
    find: 'news: due, isNewsOnly',
    replace: 'news: [], isNewsOnly',
    suite: ['protocols/mailbox/news.spec.ts']
  },
  {
    name: 'mailbox: whoever changes a device list again and again fills boxes',
    file: 'protocols/mailbox/box-filler.ts',
    find: 'news.waitOf(place, item) === 0',
    replace: 'news.waitOf(place, item) >= 0',
    suite: ['protocols/mailbox/news.spec.ts']
  },
  {
    name: 'mailbox: news are left again after each start',
    file: 'protocols/mailbox/sender.ts',
    find: 'await this.#news.load()',
    replace: '',
    suite: ['protocols/mailbox/news.spec.ts']
  },
  {
    name: 'mailbox: a device list comes only with entries of its twin',
    file: 'protocols/mailbox/unpacker.ts',
    find: '|| (await directory.load(twin)) !== undefined',
    replace: '',
    suite: ['protocols/mailbox/news.spec.ts']
  },
  {
    name: 'mailbox: news are left for who was met',
    file: 'protocols/mailbox/sender.ts',
    find: "replica.on('knows', known => this.#met(known))",
    replace: "replica.on('knows', () => {})",
    suite: ['protocols/mailbox/news.spec.ts']
  },
  {
    name: 'mailbox: a long device list does not fit any parcel',
    file: 'protocols/mailbox/parcel-packer.ts',
    find: 'if (this.isFullWith(sizeOf([record]))) yield this.take()',
    replace: '',
    suite: ['protocols/mailbox/news.spec.ts']
  },
  {
    name: 'who is told something that it knows counts as one who lacks it',
    file: 'crdt/sync/device-exchange.ts',
    find: 'if (replica.deviceRecords(id, head).length === 0)',
    replace: 'if (replica.deviceRecords(id, head).length < 0)',
    suite: ['crdt/sync/known.spec.ts']
  },
  {
    name: 'a revoked device is told nothing of a long list',
    file: 'protocols/hello/farewell.ts',
    find: 'await present(records)',
    replace: 'void records',
    suite: ['protocols/hello/device-lists.spec.ts']
  },
  {
    name: 'a claim that somebody made up hides a true one',
    file: 'crdt/spaces/durability.ts',
    find: 'if (isMember) this.#early.put(teller, claim)',
    replace: 'if (isMember) this.#early.put(claim.log.twin, claim)',
    suite: ['crdt/spaces/early-claims.spec.ts']
  },
  {
    name: 'mailbox: a note counts though somebody took it before',
    file: 'protocols/mailbox/visit.ts',
    find: 'if (deleted > 0) this',
    replace: 'if (deleted >= 0) this',
    suite: ['protocols/mailbox/witness.spec.ts']
  },
  {
    name: 'mailbox: a note that says more than is here is believed',
    file: 'crdt/spaces/own-history.ts',
    find: '|| seq !== this.#base || !equals(hash, this.#baseHash)',
    replace: '|| seq < 0 || hash.length === 0',
    suite: ['protocols/mailbox/witness.spec.ts']
  },
  {
    name: 'mailbox: what peers confirm is shown while a note says otherwise',
    file: 'crdt/spaces/own-history.ts',
    find: ' || this.#heads.isHeld',
    replace: '',
    suite: ['protocols/mailbox/witness.spec.ts']
  },
  {
    name: 'mailbox: a twin that stops goes on showing what it writes',
    file: 'crdt/spaces/own-history.ts',
    find: 'this.#isConfirmed = false\n    this.#wasAnswered',
    replace: 'this.#wasAnswered',
    suite: ['protocols/mailbox/witness.spec.ts']
  },
  {
    name: 'two histories: the other one is not asked for',
    file: 'crdt/spaces/space-sync.ts',
    find: 'if (others.isOf(log)) {',
    replace: 'if (others.isOf(log) && log.seq === 0) {',
    suite: ['crdt/sync/second-history.spec.ts']
  },
  {
    name: 'two histories: what others had of the other one is not written again',
    file: 'crdt/spaces/rebuild.ts',
    find: 'if (entries.length === 0) return []',
    replace: 'if (entries.length >= 0) return []',
    suite: ['crdt/sync/second-history.spec.ts']
  },
  {
    name: 'two histories: the old log is cut where it ends here',
    file: 'crdt/spaces/held-cuts.ts',
    find: 'log?.isFrozen === true',
    replace: 'log?.isFrozen === undefined',
    suite: ['crdt/sync/second-history.spec.ts']
  },
  {
    name: 'two histories: who builds on the other one is refused for ever',
    file: 'crdt/spaces/receiver.ts',
    find: 'equals(known, dep[3]) || isCut(dep)',
    replace: 'equals(known, dep[3])',
    suite: ['crdt/sync/second-history.spec.ts']
  },
  {
    name: 'spaces: a decision that could not be written is given up',
    file: 'crdt/identity/decided-log.ts',
    find: 'else await this.#write(record)',
    replace: 'else this.#unwritten = undefined',
    suite: ['crdt/identity/decided-log.spec.ts']
  },
  {
    name: 'a word for a device that outlives who gave it',
    file: 'crdt/identity/device-level.ts',
    find: 'trustedBy !== undefined && !isRevoked(trustedBy)',
    replace: 'trustedBy !== undefined',
    suite: ['protocols/pairing/probation.spec.ts']
  },
  {
    name: 'an answer that counts twice',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (!(await store.use(nonce)))',
    replace: 'if ((await store.use(nonce)) === undefined)',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'an answer for another site',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (opened.audience !== audience)',
    replace: "if (opened.audience === '')",
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'an answer that another visitor brings',
    file: 'protocols/login/site/create-login.ts',
    find: 'toText(answer.nonce) === nonce &&',
    replace: "toText(answer.nonce) !== '' &&",
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'a sign-in that returns elsewhere in the site',
    file: 'protocols/login/site/create-login.ts',
    find: 'toText(answer.request) === challenge.request &&',
    replace: "challenge.request !== '' &&",
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'more than the site asked for',
    file: 'protocols/login/site/create-login.ts',
    find: 'answer.scopes.every(scope => challenge.scopes.includes(scope))',
    replace: 'answer.scopes.length > 0',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'an answer that never expires',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (now >= expiresAt)',
    replace: 'if (now >= Number.MAX_SAFE_INTEGER)',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'an answer from the future',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (issuedAt > now + loginClockSkewMs)',
    replace: 'if (issuedAt < 0)',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'an answer of a device that is revoked',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (list.isRevoked(number))',
    replace: 'if (list.isRevoked(number) && number < 0)',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'revocations that a site had seen',
    file: 'protocols/login/site/create-login.ts',
    find: '[...newer, ...answer.records]',
    replace: '[...answer.records]',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'the number of another device',
    file: 'protocols/login/site/create-login.ts',
    find: 'device === undefined || device.number !== number',
    replace: 'device === undefined',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'a device list that contradicts itself',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (list.proof !== undefined)',
    replace: 'if (list.proof === null)',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'a viewer who signs in',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (isViewOnly(device.certificate.scopes)) {',
    replace: 'if (isViewOnly([])) {',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'a certificate that ran out',
    file: 'protocols/login/site/create-login.ts',
    find: 'if (!isCurrent(device.certificate, now)) {',
    replace: 'if (!isCurrent(device.certificate, device.certificate.issued)) {',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'a name that breaks the line',
    file: 'protocols/login/answer.ts',
    find: '|| name === undefined',
    replace: '|| name === null',
    suite: ['protocols/login/verify.spec.ts']
  },
  {
    name: 'a request that returns to another site',
    file: 'protocols/login/request.ts',
    find: 'origin === audience && audience.startsWith(protocol)',
    replace: 'audience.startsWith(protocol)',
    suite: ['protocols/login/formats.spec.ts']
  },
  {
    name: 'a site over plain http',
    file: 'protocols/login/request.ts',
    find: "(protocol === 'http:' && isLoopback(hostname))",
    replace: "protocol === 'http:'",
    suite: ['protocols/login/formats.spec.ts']
  },
  {
    name: 'more granted than was asked',
    file: 'protocols/login/login.ts',
    find: 'if (scopes.some(scope => !request.scopes.includes(scope))) {',
    replace: 'if (scopes.some(scope => scope.length === 0)) {',
    suite: ['protocols/login/login.spec.ts']
  },
  {
    name: "a viewer's page that signs",
    file: 'protocols/login/login.ts',
    find: 'if (isViewOnly(certificate.scopes)) {',
    replace: 'if (isViewOnly([])) {',
    suite: ['protocols/login/login.spec.ts']
  },
  {
    name: 'a device that did not know makes a shared namespace private again',
    file: 'protocols/kv/where.ts',
    find: 'const [first] = [...family.map(({ text }) => text), ...(isUnsaid ? [] : [said])].sort()',
    replace: 'const first = said',
    suite: ['protocols/kv/two-devices.spec.ts']
  },
  {
    name: 'what was written without knowing of a share stays unseen',
    file: 'protocols/kv/own-namespaces.ts',
    find: 'else if (!isThere || !this.#moved.has(name)) return',
    replace: 'else return',
    suite: ['protocols/kv/deletions.spec.ts']
  },
  {
    name: 'what is moved stands over what was written later',
    file: 'protocols/kv/move-entries.ts',
    find: 'put(key, value, { kind, at, expected })',
    replace: 'put(key, value, { kind, expected })',
    suite: ['protocols/kv/two-devices.spec.ts']
  },
  {
    name: 'what comes in while a namespace is moved is removed with what was moved',
    file: 'protocols/kv/move-entries.ts',
    find: 'source.entries.delete(entry.key, { expected: entry.version })',
    replace: 'source.entries.delete(entry.key)',
    suite: ['protocols/kv/move-entries.spec.ts']
  },
  {
    name: 'of two spaces of a namespace each device shows another',
    file: 'protocols/kv/family.ts',
    find: 'family.sort((a, b) => (a.text < b.text ? -1 : 1))',
    replace: 'family',
    suite: ['protocols/kv/two-spaces.spec.ts']
  },
  {
    name: 'of two spaces of a namespace the members of one are left out',
    file: 'protocols/kv/own-namespaces.ts',
    find: 'await takeMembers(space, family, this.#components)',
    replace: '',
    suite: ['protocols/kv/two-spaces.spec.ts']
  },
  {
    name: 'of two spaces of a namespace one is left before the other has what it had',
    file: 'protocols/kv/family.ts',
    find: 'for (const space of [...open].reverse()) {',
    replace: 'for (const space of open) {',
    suite: ['protocols/kv/two-spaces.spec.ts']
  },
  {
    name: 'who was removed from a namespace writes to it through the other space',
    file: 'protocols/kv/take-over.ts',
    find: '|| !marked.has(twinToText(twin))',
    replace: '|| marked.size >= 0',
    suite: ['protocols/kv/two-spaces.spec.ts']
  },
  {
    name: 'a delete that did not know of a share is forgotten',
    file: 'protocols/kv/content.ts',
    find: 'if (wasThere) await deletions.put(key, new Uint8Array(), { at })',
    replace: '',
    suite: ['protocols/kv/deletions.spec.ts']
  },
  {
    name: 'what was deleted in a share comes back with what was moved there later',
    file: 'protocols/kv/move-entries.ts',
    find: 'if (!isCopy && !isGone) continue',
    replace: 'if (!isGone) continue',
    suite: ['protocols/kv/move-entries.spec.ts']
  },
  {
    name: 'logs are missing while they are read again after a failed write',
    file: 'crdt/spaces/log-table.ts',
    find: 'const logs = new Map<string, SpaceLog>()',
    replace: 'const logs = this.#byKey; logs.clear()',
    suite: ['crdt/sync/read-again.spec.ts']
  },
  {
    name: 'what was shown to nobody is shown while logs are read again',
    file: 'crdt/spaces/own-history.ts',
    find: 'if (this.#isConfirmed || log.key !== this.#log?.key || log.durable <= this.#base)',
    replace: 'if (this.#isConfirmed || log !== this.#log || log.durable <= this.#base)',
    suite: ['crdt/sync/read-again.spec.ts']
  },
  {
    name: 'peers are offered logs of a store that does not open',
    file: 'crdt/spaces/space-loading.ts',
    find: 'context.logs.clear()',
    replace: '',
    suite: ['crdt/sync/read-again.spec.ts']
  },
  {
    name: 'a cut is made of logs that could not be read',
    file: 'crdt/spaces/log-table.ts',
    find: 'this.#isRead = false',
    replace: '',
    suite: ['crdt/spaces/unread-logs.spec.ts']
  },
  {
    name: 'a cut is made while the store takes no writes',
    file: 'crdt/spaces/held-cuts.ts',
    find: 'if (!logs.isRead || store.isFenced)\n    throw',
    replace: 'if (!logs.isRead)\n    throw',
    suite: ['crdt/spaces/unread-logs.spec.ts']
  },
  {
    name: 'a cut does not wait for logs to be read',
    file: 'crdt/spaces/held-cuts.ts',
    find: 'await commit.idle()',
    replace: 'void commit',
    suite: ['crdt/spaces/unread-logs.spec.ts']
  },
  {
    name: 'unread logs: a peer is told that it has all there is',
    file: 'crdt/sync/space-exchange.ts',
    find: "info.state === 'offered' || info.isUnread === true ||",
    replace: "info.state === 'offered' ||",
    suite: ['crdt/sync/read-again.spec.ts']
  },
  {
    name: 'unread logs: a peer that asks for them gets none',
    file: 'crdt/spaces/local-replica.ts',
    find: 'if (found?.space.context.logs.isRead === false)',
    replace: 'if (found?.space.context.logs === null)',
    suite: ['crdt/sync/read-again.spec.ts']
  },
  {
    name: 'unread logs: sessions do not learn that they are read',
    file: 'crdt/spaces/space-loading.ts',
    find: "if (!isRead) context.news.tell('space', { space: context.id })",
    replace: '',
    suite: ['crdt/sync/unread-replica.spec.ts']
  },
  {
    name: 'unread logs: they are not named once they are read',
    file: 'crdt/sync/space-openings.ts',
    find: 'return !opened.isUnread || info.isUnread === true',
    replace: 'return true',
    suite: ['crdt/sync/unread-replica.spec.ts']
  },
  {
    name: 'unread logs: nobody has the store opened for a peer',
    file: 'crdt/spaces/space-sync.ts',
    find: 'if (!context.logs.isRead) context.touch()',
    replace: '',
    suite: ['crdt/sync/unread-replica.spec.ts']
  },
  {
    name: 'owed keys: what fails in one space is not tried again',
    file: 'crdt/spaces/device-changes.ts',
    find: 'if (this.#isOfStore(cause)) this.#owed.set(key, { ...owed, known: most })',
    replace: 'this.#isOfStore(cause)',
    suite: ['crdt/spaces/owed-keys.spec.ts']
  },
  {
    name: 'owed keys: what fails in one space keeps the others from it',
    file: 'crdt/spaces/device-changes.ts',
    find: '      await this.#passOnIn({ found, twin, known })',
    replace: '      await this.#passOnIn({ found, twin, known })\n      if (this.#owed.size > 0) return',
    suite: ['crdt/spaces/owed-keys.spec.ts']
  },
  {
    name: 'owed keys: nothing is tried again with a later write',
    file: 'crdt/spaces/device-changes.ts',
    find: 'if (this.#isOwing) void this.#retry()',
    replace: '{}',
    suite: ['crdt/spaces/owed-keys.spec.ts']
  },
  {
    name: 'owed keys: an epoch that was written late is followed by another',
    file: 'crdt/spaces/space-keeping.ts',
    find: 'membership.view!.epochs.length <= known',
    replace: 'known > 0',
    suite: ['crdt/spaces/owed-keys.spec.ts']
  },
  {
    name: 'owed keys: the key of an epoch that was written late is lost',
    file: 'crdt/spaces/space-keeping.ts',
    find: 'for (const wrap of wraps) await found.space.context.keyRing.unwrap(wrap)',
    replace: '',
    suite: ['crdt/spaces/owed-keys.spec.ts']
  },
  {
    name: 'owed keys: the key of a new epoch is not kept later',
    file: 'crdt/spaces/key-keeper.ts',
    find: 'this.#unkept.add(found)',
    replace: 'throw cause',
    suite: ['crdt/spaces/owed-keys.spec.ts']
  },
  {
    name: 'entries wait for others that were dropped',
    file: 'crdt/spaces/receiver.ts',
    find: 'if (last <= log.seq) return undefined',
    replace: 'if (last <= 0) return undefined',
    suite: ['crdt/spaces/shortened-log.spec.ts']
  },
  {
    name: 'a milestone leaves out a document that is being loaded',
    file: 'crdt/spaces/document-loader.ts',
    find: 'return new Set([...this.#dropped.keys(), ...tail.keys()])',
    replace: 'return new Set(tail.keys())',
    suite: ['crdt/spaces/load-and-cover.spec.ts']
  },
  {
    name: 'edits whose document cannot be read now are never answered',
    file: 'crdt/spaces/writer.ts',
    find: 'this.#jobs = [...jobs, ...this.#jobs]',
    replace: '',
    suite: ['crdt/spaces/fence.spec.ts']
  },
  {
    name: 'what was set aside is not written again after the store failed',
    file: 'crdt/spaces/space-commits.ts',
    find: 'if (this.#loading.failures < 2) this.#return.again()',
    replace: '',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'runs that are stored wait on',
    file: 'crdt/spaces/space-loading.ts',
    find: 'await receiver.held.forgetStored(context)',
    replace: '',
    suite: ['crdt/spaces/held-runs.spec.ts']
  },
  {
    name: 'runs that wait are lost with a group that fails',
    file: 'crdt/spaces/receiver.ts',
    find: 'group.failed.push(() => this.held.addAgain(held))',
    replace: '',
    suite: ['crdt/spaces/held-runs.spec.ts']
  },
  {
    name: 'a space that another device accepted is offered for ever after a write that failed',
    file: 'crdt/spaces/space-acceptance.ts',
    find: '    await this.#context.commit.idle()\n    await this.#takeKeys()',
    replace: '',
    suite: ['crdt/spaces/browser-device.spec.ts']
  },
  {
    name: 'a space that another device accepted is offered for ever after a disk that was full',
    file: 'crdt/spaces/space-acceptance.ts',
    find: 'if (this.#isOwed) void this.#takeKeys()',
    replace: '{}',
    suite: ['crdt/spaces/browser-device.spec.ts']
  },
  {
    name: 'what was set aside is lost with a disk that was full',
    file: 'crdt/spaces/space-commits.ts',
    find: '      this.#loading.worked()\n      this.#return.again()',
    replace: '      this.#loading.worked()',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'peers are not asked again when the disk fails while a log is set right',
    file: 'crdt/spaces/space-loading.ts',
    find: 'if (this.#isReloading) this.#reloaded()',
    replace: '',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'a store that fails while a log is set right is left so',
    file: 'crdt/spaces/space-loading.ts',
    find: 'failed(cause)\n          // The next group finds out, and has the store opened again\n          this.#init.parts.context.touch()',
    replace: 'failed(cause)',
    suite: ['crdt/sync/rollback.spec.ts']
  },
  {
    name: 'claims that cannot be looked at now are forgotten',
    file: 'crdt/spaces/durability.ts',
    find: 'for (const { teller, claims } of early) for (const claim of claims.values()) this.#early.put(teller, claim)',
    replace: '',
    suite: ['crdt/spaces/early-claims.spec.ts']
  },
  {
    name: 'a snapshot is thrown away because the store was closed while it was read',
    file: 'crdt/spaces/document-loader.ts',
    find: ' || isOfClosedStore(cause)) throw cause',
    replace: ' || (isOfClosedStore(cause) && false)) throw cause',
    suite: ['crdt/spaces/load-and-cover.spec.ts']
  },
  {
    name: 'a checkpoint covers a document that is being loaded, and has no snapshot of it',
    file: 'crdt/spaces/checkpoint.ts',
    find: 'new Set([...unread, ...dirty, ...loading.keys()])',
    replace: 'new Set([...unread, ...dirty])',
    suite: ['crdt/spaces/load-and-cover.spec.ts']
  },
  {
    name: 'a document of a milestone ends with its first rows',
    file: 'crdt/spaces/adoption.ts',
    find: 'if (rows.length < maxRows) adopting.rows = undefined',
    replace: 'adopting.rows = undefined',
    suite: ['crdt/spaces/large-document.spec.ts']
  },
  {
    name: 'rows of a refused milestone that are on their way to the disk stay',
    file: 'crdt/spaces/adoption.ts',
    find: 'await context.commit.written()',
    replace: '',
    suite: ['crdt/spaces/adoption.spec.ts']
  },
  {
    name: 'a session keeps what it has worked on',
    file: 'crdt/sync/inbox.ts',
    find: 'handed > MAX_INBOX_BYTES ||',
    replace: 'at > 1024 ||',
    suite: ['crdt/sync/inbox.spec.ts']
  },
  {
    name: 'a parcel that came too early waits for the next start',
    file: 'protocols/mailbox/visit.ts',
    find: 'if (isMoreHere && this.#hasEarly) {',
    replace: 'if (isMoreHere && this.#after < 0) {',
    suite: ['protocols/mailbox/delivery.spec.ts']
  },
  {
    name: 'only the spaces stop writing after a failed write',
    file: 'node/fence-database.ts',
    find: '  Object.assign(db, fenced)',
    replace: '  void fenced',
    suite: ['node/fence-database.spec.ts']
  },
  {
    name: 'a write that failed beside the spaces fences nobody',
    file: 'node/fence-database.ts',
    find: '      failure ??= { cause }',
    replace: '',
    suite: ['node/fence-database.spec.ts']
  },
  {
    name: 'a milestone that two sessions bring at once keeps one of them waiting',
    file: 'crdt/spaces/adoption.ts',
    find: '    if (this.#adopting !== undefined) return {}',
    replace: '',
    suite: ['crdt/spaces/large-document.spec.ts']
  },
  {
    name: 'a part of a milestone is taken off whatever is on its way by now',
    file: 'crdt/spaces/incoming-milestone.ts',
    find: '    wanted.delete(name)',
    replace: '    this.#wanted.delete(name)',
    suite: ['crdt/spaces/milestone-hostile.spec.ts']
  },
  {
    name: 'blobs: a small one is forgotten when the store is closed while its fetch fails',
    file: 'protocols/blobs/fetches.ts',
    find: 'this.#wanted.set(reference.address, reference)',
    replace: 'if (await blobs.isReferred(reference.address)) this.#wanted.set(reference.address, reference)',
    suite: ['protocols/blobs/fetches.spec.ts']
  },
  {
    name: 'blobs: what is referred to at the start is looked for once',
    file: 'protocols/blobs/fetches.ts',
    find: 'this.#looksAgain = true',
    replace: 'this.#looksAgain = false',
    suite: ['protocols/blobs/fetches.spec.ts']
  },
  {
    name: 'mailbox: a knock that was not taken is acknowledged',
    file: 'protocols/mailbox/unpacker.ts',
    find: 'if (!(error instanceof ProtocolError && finalAnswers.includes(error.code))) throw error',
    replace: "if (error instanceof ProtocolError && error.code === 'ResourceExhausted') throw error",
    suite: ['protocols/mailbox/closed-store.spec.ts']
  },
  {
    name: 'mailbox: a delivery whose device list cannot be read is acknowledged',
    file: 'protocols/mailbox/unpacker.ts',
    find: 'if (!(error instanceof ParcelError)) throw error',
    replace: '',
    suite: ['protocols/mailbox/closed-store.spec.ts']
  },
  {
    name: 'mailbox: entries that the store did not take are waited for',
    file: 'protocols/mailbox/unpacker.ts',
    find: "if (refused.code === 'failed') throw new Error(refused.reason)",
    replace: '',
    suite: ['protocols/mailbox/closed-store.spec.ts']
  },
  {
    name: 'mailbox: a parcel that has to wait is not looked at again',
    file: 'protocols/mailbox/visit.ts',
    find: 'if (!isToLookAgain) this.#after = Math.max(this.#after, place)',
    replace: 'this.#after = Math.max(this.#after, place)',
    suite: ['protocols/mailbox/closed-store.spec.ts']
  },
  {
    name: 'mailbox: a parcel that has to wait keeps a note in the box',
    file: 'protocols/mailbox/visit.ts',
    find: 'await this.#components.witness.emptied(this.#box)',
    replace: 'if (waiting === undefined) await this.#components.witness.emptied(this.#box)',
    suite: ['protocols/mailbox/closed-store.spec.ts']
  },
  {
    name: 'chat: what waits and could not be sent on is not tried again',
    file: 'protocols/chat/sender.ts',
    find: 'this.#flushLater(twin)\n',
    replace: '\n',
    suite: ['protocols/chat/outbox.spec.ts']
  },
  {
    name: 'rows that were reported as failed and are on the disk are told to nobody',
    file: 'crdt/spaces/space-commits.ts',
    find: '    await this.#tellStored()\n',
    replace: '\n',
    suite: ['crdt/spaces/failed-rows.spec.ts', 'protocols/chat/follower.spec.ts']
  },
  {
    name: 'rows that were reported as failed are told though they are not on the disk',
    file: 'crdt/spaces/space-group.ts',
    find: 'isSameValue(value, stored[at])',
    replace: 'stored.length > at',
    suite: ['crdt/spaces/failed-rows.spec.ts']
  },
  {
    name: 'contacts: what could not be read once is never read',
    file: 'protocols/contacts/contact-book.ts',
    find: 'this.#isBehind ? this.#read() : this.#refresh(key)',
    replace: 'this.#refresh(key)',
    suite: ['protocols/contacts/contact-book.spec.ts']
  },
  {
    name: 'contacts: who was removed while the book could not be read stays in it',
    file: 'protocols/contacts/contact-book.ts',
    find: '    for (const key of gone) await this.#refresh(key)',
    replace: '',
    suite: ['protocols/contacts/contact-book.spec.ts']
  },
  {
    name: 'an import that goes on for many turns is a group in each of them',
    file: 'crdt/store/group-commit.ts',
    find: '      if (this.#isFilling()) {\n',
    replace: '      if (false) {\n',
    suite: ['crdt/store/group-commit.spec.ts']
  },
  {
    name: 'nobody counts what an import writes directly',
    file: 'crdt/spaces/space-commits.ts',
    find: '    return this.#parts.writer.directEdits\n',
    replace: '    return 0\n',
    suite: ['crdt/spaces/live-text.spec.ts']
  },
  {
    name: 'an import that does not end is never stored',
    file: 'crdt/store/group-commit.ts',
    find: ' && this.#turns < maxTurns',
    replace: '',
    suite: ['crdt/store/group-commit.spec.ts']
  },
  {
    name: 'a presence says where others are',
    file: 'browser-peer/page-addresses.ts',
    find: 'if (relay === undefined || nodeOf(address) !== peer) continue',
    replace: 'if (relay === undefined) continue',
    suite: ['browser-peer/page-addresses.spec.ts']
  },
  {
    name: 'a presence leads into the own network',
    file: 'browser-peer/page-addresses.ts',
    find: "classifyAddress(multiaddr(relay)) === 'public' && ",
    replace: '',
    suite: ['browser-peer/page-addresses.spec.ts']
  },
  {
    name: 'a spare connection of a browser is told that it is refused',
    file: 'node/console/serve-console.ts',
    find: "if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')",
    replace: 'if (error.code === undefined)',
    suite: ['node/console/serve-console.spec.ts']
  },
  {
    name: 'the change of a message throws away what was not sent',
    file: 'browser-peer/console/chat/draft.ts',
    find: 'return { text: message.text, about, before: now }',
    replace: 'return { text: message.text, about }',
    suite: ['browser-peer/console/chat/draft.spec.ts']
  },
  {
    name: 'a value that is written elsewhere replaces what is being typed',
    file: 'browser-peer/console/data/entry-view.tsx',
    find: 'if (isNews && !isTouched) take()',
    replace: 'if (isNews) take()',
    suite: ['test/console/console.spec.ts']
  },
  {
    name: 'visit: a link over plain http allows what was asked for',
    file: 'protocols/pairing/door.ts',
    find: "return { base, level: 'view', isVisit: true }",
    replace: 'return { base, level: asked, isVisit: true }',
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: a link over plain http lets in for half a year',
    file: 'protocols/pairing/door.ts',
    find: "return { base, level: 'view', isVisit: true }",
    replace: "return { base, level: 'view', isVisit: false }",
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: the first device may come over plain http',
    file: 'protocols/pairing/door.ts',
    find: "if (kind === 'claim') {\n      throw new ProtocolError('FailedPrecondition', 'Over",
    replace: "if (false) {\n      throw new ProtocolError('FailedPrecondition', 'Over",
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: nobody looks for those that ended while nothing ran',
    file: 'protocols/pairing/visits.ts',
    find: 'this.#ignore = this.#init.directory.onChange(() => this.#look())\n    this.#look()',
    replace: 'this.#ignore = this.#init.directory.onChange(() => this.#look())',
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: nothing ends it when its hour is over',
    file: 'protocols/pairing/visits.ts',
    find: 'this.#callOff = clock.after(pauseMs, () => this.#look(), { background: true })',
    replace: 'this.#callOff = () => {}',
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: a renewal makes it last longer',
    file: 'crdt/identity/certificate.ts',
    find: 'isVisit(certificate) ? certificate.expires : issued',
    replace: 'false ? certificate.expires : issued',
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: a host that only begins like loopback counts as this machine',
    file: 'protocols/pairing/protocol.ts',
    find: '/^127(\\.\\d+){3}$/.test(hostname)',
    replace: "hostname.startsWith('127.')",
    suite: ['protocols/pairing/visits.spec.ts']
  },
  {
    name: 'visit: streams that were open before go on after its hour',
    file: 'node/own-guard.ts',
    find: 'isVisit(certificate) && !isCurrent(certificate, now())',
    replace: 'false',
    suite: ['node/own-guard.spec.ts']
  },
  {
    name: 'noble: a signature that is right only with the cofactor counts',
    file: 'crdt/crypto/noble/noble-crypto.ts',
    find: 'equals(Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k)).toBytes(), r)',
    replace: 'ed25519.verify(signature, message, publicKey)',
    suite: ['crdt/crypto/noble/noble-crypto.spec.ts']
  },
  {
    name: 'noble: what was sealed is bound to nothing else',
    file: 'crdt/crypto/noble/noble-hpke.ts',
    find: "return gcm(key, labeledExpand(suite, secret, 'base_nonce', context, nonceLength), aad)",
    replace: "return gcm(key, labeledExpand(suite, secret, 'base_nonce', context, nonceLength))",
    suite: ['crdt/crypto/noble/noble-crypto.spec.ts']
  }
]
