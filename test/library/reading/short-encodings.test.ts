import { expect, test } from 'vitest';
import { decodeText } from '../../../src/library/reading/decode.ts';

/** Characters of an encoding of one byte a character, by what it decodes to. */
function bytesIn(encoding: string, text: string): Uint8Array {
  const decoder = new TextDecoder(encoding);
  const byCharacter = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]),
  );
  return Uint8Array.from(text, (character) => {
    const byte = byCharacter.get(character);
    if (byte === undefined) throw new Error(`${encoding} has no ${character}`);
    return byte;
  });
}

test.each([
  ['windows-1252', 'Bitte schließen Sie das Ventil, bevor der Druck über fünf bar steigt.'],
  ['windows-1252', 'Größe: 5 m³ – genug für heute'],
  ['windows-1252', 'Die Prüfung der Behälter erfolgt jährlich durch den TÜV.'],
  ['windows-1252', 'La vanne doit être fermée avant le contrôle de l’étanchéité.'],
  ['windows-1252', 'Où est passé le garçon ? Il a déjà mangé à Noël.'],
  ['windows-1252', 'El depósito está cerrado y la presión no subirá más mañana.'],
  ['windows-1252', '¿Cuándo llegará el próximo envío? Pregunte al señor Núñez.'],
  ['windows-1252', 'A pressão não pode ser alterada sem autorização do responsável.'],
  ['windows-1252', 'La pressione è più alta perché la valvola non è stata chiusa.'],
  ['windows-1252', 'Ventilen är stängd och trycket får inte överstiga åtta bar.'],
  ['windows-1252', 'Trykket må ikke øges, før røret er tømt og målt på ny.'],
  ['windows-1252', 'Säiliö täytyy tyhjentää ennen kuin painetta lisätään.'],
  ['windows-1252', 'Þrýstingurinn má ekki hækka áður en lokinn er opnaður aftur í dag.'],
  ['windows-1252', '“Quoted” text – it’s mostly plain English with a few typographic signs.'],
  ['windows-1252', 'The price is €20, not £15; see the café’s menu.'],
  ['windows-1252', 'It’s the team’s “final” answer…'],
  ['windows-1250', 'Proszę zamknąć zawór, zanim ciśnienie wzrośnie powyżej pięciu barów.'],
  ['windows-1250', 'Zażółć gęślą jaźń, mówi się w Łodzi.'],
  ['windows-1250', 'Před otevřením ventilu je třeba snížit tlak v potrubí na nulu.'],
  ['windows-1250', 'Žluťoučký kůň úpěl ďábelské ódy celý den.'],
  [
    'windows-1250',
    'A nyomást csökkenteni kell, mielőtt a szelepet kinyitják; ez az őr feladata, nem a szerelőé.',
  ],
  ['windows-1250', 'Tlak se mora smanjiti prije nego što se ventil otvori i očisti; to je važno.'],
  [
    'windows-1250',
    'Pred otvorením ventilu treba znížiť tlak, aby sa potrubie nepoškodilo a kôň bol šťastný.',
  ],
  ['iso-8859-2', 'Proszę otworzyć zawór i sprawdzić, czy ciśnienie się zmieniło.'],
  ['iso-8859-2', 'Tlak musí být nižší než šest barů, říká příručka a též předpis.'],
  ['windows-1251', 'Перед открытием клапана нужно снизить давление в трубе.'],
  ['windows-1251', 'Привет, как дела сегодня?'],
  ['windows-1251', 'ВНИМАНИЕ: ДВЕРЬ НЕ ОТКРЫВАТЬ'],
  ['windows-1251', 'Перед відкриттям клапана слід знизити тиск, інакше її не відчинити.'],
  ['windows-1251', 'Преди отваряне на клапана налягането трябва да се намали.'],
  ['koi8-r', 'Перед открытием клапана нужно снизить давление в трубе.'],
  ['koi8-r', 'Привет, как дела сегодня?'],
  ['koi8-r', 'ВНИМАНИЕ: ДВЕРЬ НЕ ОТКРЫВАТЬ'],
  ['ibm866', 'Перед открытием клапана нужно снизить давление в трубе.'],
  ['iso-8859-5', 'Водород хранится в стальных баллонах под давлением.'],
  ['windows-1253', 'Πριν ανοίξετε τη βαλβίδα, μειώστε την πίεση στο σωλήνα.'],
  ['windows-1253', 'Καλημέρα, πώς είστε σήμερα;'],
  ['windows-1254', 'Vanayı açmadan önce basıncı düşürün, çünkü boru ısınmış olabilir.'],
  ['windows-1254', 'Bugün hava çok güzel, değil mi? Işık açık kalmış.'],
  ['windows-1255', 'יש להוריד את הלחץ לפני פתיחת השסתום'],
  ['windows-1256', 'يجب خفض الضغط قبل فتح الصمام في الأنبوب'],
  ['windows-1257', 'Pirms vārsta atvēršanas jāsamazina spiediens caurulē līdz nullei.'],
  ['windows-1257', 'Prieš atidarant vožtuvą reikia sumažinti slėgį vamzdyje iki nulio, nes kitaip jis įlūš.'],
  ['windows-874', 'ก่อนเปิดวาล์วต้องลดความดันในท่อ'],
  ['macintosh', 'Bitte schließen Sie das Ventil, bevor der Druck über fünf bar steigt.'],
  ['macintosh', 'La vanne doit être fermée avant le contrôle de l’étanchéité.'],
  ['iso-8859-15', 'Les œufs coûtent cinq € au marché, dit ma sœur.'],
])('a few words in %s are read: %s', (encoding, text) => {
  expect(decodeText(bytesIn(encoding, text)).text).toBe(text);
});

test.each([
  ['shift_jis', '水素は高圧の鋼製', '90859166 82cd 8d8288b3 82cc 8d7c90bb'],
  ['euc-jp', '名前、住所', 'ccbec1b0a1a2bdbbbdea'],
  ['gb18030', '姓名和地址', 'd0d5c3fbbacdb5d8d6b7'],
  ['big5', '姓名地址', 'a96da657a661a77d'],
])('a few characters in %s are no words of one byte a letter', (_encoding, text, hex) => {
  expect(decodeText(Buffer.from(hex.replaceAll(' ', ''), 'hex')).text).toBe(text);
});
