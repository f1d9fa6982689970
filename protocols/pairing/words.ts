/** 256 words, every eighth of the BIP39 list: what two screens show to be compared. */
const words = (
  'about accident act address afford air all alter anchor annual apology arena arrest aspect attack author away badge ' +
  'bar beach behave betray biology blast blur bonus bounce bread broccoli buddy bunker buyer call cannon carbon casino ' +
  'caught century chapter cherry chronic city clerk clock cluster coin common control corn cousin crash cricket crucial ' +
  'cube cushion danger debris defense denial derive detect dice dinosaur disorder document door draw drop dutch earth ' +
  'edit electric embody enact engine enter erase estate example exhaust expire fabric fame fat federal fever filter ' +
  'first flash floor foil fork fragile frost fury garage gather gesture give gloom good grace grid guess half harvest ' +
  'heavy hidden hockey hope hover hunt idea imitate include inflict inner install island jazz journey just kidney kiwi ' +
  'ladder latin lazy legal lesson lift list lock love lyrics major manual mask maximum media merge midnight miracle ' +
  'mobile month motor multiply mystery nature nerve nice nose number observe offer omit opinion organ output oyster ' +
  'panda parrot pause pen pet piece pistol please polar position practice price problem property pulp purpose quarter ' +
  'race ramp raven recall refuse rely reopen resist reveal ride risk rocket round runway salmon satoshi scatter scrap ' +
  'second sell settle shell shoe shuffle silent siren skill slice small sniff solar sorry spare sphere sponsor square ' +
  'stamp step stool student such sunny surprise swarm symbol talent taxi term there thumb tiny toddler tongue tornado ' +
  'toy trash trick truly tuna twin unaware uniform unveil urge vacant vapor venue vibrant virtual voice wait wash wear ' +
  'west whip window wise word wrist youth'
).split(' ')

/** A word for each byte. */
export function bytesToWords(bytes: Uint8Array): string {
  return Array.from(bytes, byte => words[byte]!).join(' ')
}
