// How well bytes read as Japanese, Chinese or Korean in encodings of two bytes a character.

const simplified =
  '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利等产或新制身加西月话合回特代内信表化给位次度门任常先海通教原东声提立及比员解水名真论处走各入口认条平系气题活更别打变四总何电数安少报结反受目太量再建务做接必场件计管期市直资命金指区保至形空决治展科基书非白达光放强即难权设式色路记南品住类求据程北边张交规万取格望术领共确师清今让识带运京降压请姓址';
const traditional =
  '的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應向頭文體政美相見被利等產或新製身加西月話合回特代內信表化給位次度門任常先海通教原東聲提立及比員解水名真論處走各入口認條平系氣題活更別打變四總何電數安少報結反受目太量再建務做接必場件計管期市直資命金指區保至形空決治展科基書非白達光放強即難權設式色路記南品住類求據程北邊張交規萬取格望術領共確師清今讓識帶運臺京降壓請姓址';
const kanji =
  '日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知道集別物使品計死特私始朝運終台広住真有口少町料工建空急止送切転研足究着店病質待試銀早親験英医仕去味写字答夜音注古買図週室歩風紙黒青館屋色走駅所号番圧県市';
const hangul =
  '이다는을를에의가고하기지로한사도서자어시리아나인일정수은해대그주보있전부라과제장성만으것들적위조원국여등습니면된게구스안상용소무유비동세거오공화모우까와간생회미선신방야경계관됩합';

/** The weight of a character, by the first byte that it is written with. */
type Weigh = (character: string, lead: number) => number;

interface Writing {
  readonly encoding: string;
  readonly weigh: Weigh;
}

const signs = /[、。，．：；！？「」『』（）《》・ー　“”‘’…—·々0-9０-９Ａ-Ｚａ-ｚ]/u;
const withSigns =
  (weigh: Weigh): Weigh =>
  (character, lead) =>
    signs.test(character) ? 0.4 : weigh(character, lead);

const within = (lead: number, from: number, to: number): boolean => lead >= from && lead <= to;

/** Kana make a text Japanese; what is taught first has the lower codes. */
const taught = new Set(kanji);
const japanese = (from: number, to: number): Weigh =>
  withSigns((character, lead) => {
    if (/[\u3041-\u309f]/.test(character) || taught.has(character)) return 1;
    if (/[\u30a1-\u30ff]/.test(character)) return 0.8;
    if (!/\p{Script=Han}/u.test(character)) return -1;
    return within(lead, from, to) ? 0.3 : -0.5;
  });

const chinese = (frequent: string, from: number, to: number): Weigh => {
  const known = new Set(frequent);
  return withSigns((character, lead) => {
    if (known.has(character)) return 1;
    if (!/\p{Script=Han}/u.test(character)) return -1;
    return within(lead, from, to) ? 0.3 : -1;
  });
};

const syllables = new Set(hangul);
const korean: Weigh = withSigns((character) => {
  if (syllables.has(character)) return 1;
  return /\p{Script=Hangul}/u.test(character) ? 0.5 : -0.5;
});

/** The usual ones first. */
const writings: readonly Writing[] = [
  { encoding: 'shift_jis', weigh: japanese(0x88, 0x97) },
  { encoding: 'euc-jp', weigh: japanese(0xb0, 0xcf) },
  { encoding: 'gb18030', weigh: chinese(simplified, 0xb0, 0xd7) },
  { encoding: 'big5', weigh: chinese(traditional, 0xa4, 0xc6) },
  { encoding: 'euc-kr', weigh: korean },
];

/** Bytes of the character that begins with `lead`. */
function lengthOf(encoding: string, lead: number, next: number): number {
  if (lead < 0x80) return 1;
  if (encoding === 'shift_jis') return within(lead, 0xa1, 0xdf) ? 1 : 2;
  if (encoding === 'euc-jp' && lead === 0x8f) return 3;
  return encoding === 'gb18030' && within(next, 0x30, 0x39) ? 4 : 2;
}

/** How like the language of each encoding bytes are: 1 for frequent characters alone, below 0 for chance. */
export function eastAsian(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array, encoding: string) => string | undefined,
): { readonly encoding: string; readonly likeness: number }[] {
  return writings.flatMap(({ encoding, weigh }) => {
    const text = decode(bytes, encoding);
    if (text === undefined) return [];
    let [at, count, sum] = [0, 0, 0];
    for (const character of text) {
      const lead = bytes[at] ?? 0;
      at += lengthOf(encoding, lead, bytes[at + 1] ?? 0);
      if (lead < 0x80) continue;
      count++;
      sum += weigh(character, lead);
    }
    // One or two that stand among letters of ASCII are accents.
    const isAmong = count <= 2 ? /[A-Za-z][^\0-\x7f]/ : /[A-Za-z][^\0-\x7f]{1,2}[A-Za-z]/;
    return count === 0 ? [] : [{ encoding, likeness: sum / count - (isAmong.test(text) ? 1 : 0) }];
  });
}
