/** What seeded contacts are made of. Invented throughout; domains are those reserved for examples (RFC 2606). */

export const names: readonly (readonly [first: string, last: string])[] = [
  ['Siti', 'Nurhaliza'],
  ['Budi', 'Santoso'],
  ['Agus', 'Wijaya'],
  ['Dewi', 'Lestari'],
  ['Putu', 'Adnyana'],
  ['I Gusti Ayu', 'Pramesti'],
  ['Sukarno', ''],
  ['Rina', 'Kusumawardhani'],
  ['Joko', 'Susilo'],
  ['Tri', 'Rahayu'],
  ['Muhammad', 'Fauzi'],
  ['Ni Made', 'Suryani'],
  ['Yohanes', 'Simanjuntak'],
  ['Fitri', 'Handayani'],
  ["Nur'aini", 'Hasanah'],
  ['José', 'García-Márquez'],
  ['Zoë', "O'Brien"],
  ['Jürgen', 'Müller'],
  ['Łukasz', 'Wiśniewski'],
  ['Nguyễn', 'Văn An'],
  ['李', '小龍'],
  ['佐藤', 'さくら'],
  ['김', '민준'],
  ['Αλέξης', 'Παπαδόπουλος'],
  ['Дмитрий', 'Соколов'],
  ['محمد', 'الأحمد'],
  ['שרה', 'כהן'],
  ['अनिल', 'शर्मा'],
  ['Chloé', 'Dubois'],
  ['Emily', 'Smith'],
];

export const cities: readonly (readonly [city: string, postalCode: string])[] = [
  ['Jakarta Selatan', '12190'],
  ['Bandung', '40115'],
  ['Surabaya', '60271'],
  ['Yogyakarta', '55281'],
  ['Denpasar', '80113'],
  ['Medan', '20111'],
  ['Makassar', '90111'],
  ['Boston', '02108'],
  ['Dresden', '01067'],
  ['São Paulo', '01310-100'],
  ['Kuwait City', '00965'],
];

export const streets = [
  'Jl. Jend. Sudirman',
  'Jl. Malioboro',
  'Jl. Gatot Subroto',
  'Jl. Raya Kuta',
  'Main Street',
];

export const jobTitles = [
  'Manajer Pemasaran',
  'Kepala Toko',
  'Direktur Utama',
  'Sales Executive',
  'Owner, founder & CEO',
  'Quality "A" inspector',
  'Guru',
];

export const companyNames = [
  'PT Maju Jaya',
  'CV Sinar Abadi',
  'Toko Bunga Melati',
  'Warung Makan Bu Tini; cabang 2',
  'Nusantara Logistics',
  'Kopi Kenangan Senja',
  'Acme (Asia) Pte. Ltd.',
  'شركة النور',
];

export const dealNames = [
  'Renewal',
  'Pilot project',
  'Grosir',
  'Paket tahunan',
  'Upgrade',
  'Trial\\extension',
];

export const notes = [
  'Minta dihubungi setelah jam 5 sore.',
  'Prefers WhatsApp. Speaks English and Bahasa.',
  'Pelanggan lama ⭐⭐⭐ — jangan lupa kirim katalog 🎁',
  'Baris pertama\nBaris kedua\r\nBaris ketiga',
  'Says "call me", twice;\tthen hung up.',
  'العميل يفضل التواصل باللغة العربية',
  '👩‍👩‍👧‍👦 Family plan, 🇮🇩',
];

/** Texts that a spreadsheet could take for a formula. */
export const formulas = [
  '=HYPERLINK("https://example.com","click")',
  '+1-1',
  '-2+3',
  '@SUM(A1:A9)',
  '=1+1',
  "'=1+1",
];

/** Amounts of a currency lie in this range, in its own units. */
export const currencies = [
  { code: 'IDR', from: 50_000, to: 900_000_000, decimals: 0 },
  { code: 'USD', from: 5, to: 90_000, decimals: 2 },
  { code: 'KWD', from: 1, to: 9_000, decimals: 3 },
] as const;

/** Days at the edges of calendars and of spreadsheets. */
export const edgeDays = [
  '1900-01-01',
  '1900-02-28',
  '1900-03-01',
  '1972-02-29',
  '2000-02-29',
  '1969-12-31',
  '9999-12-31',
];

/** Instants at the edges of clocks: Jakarta before it had a zone, 1970, and New York on both sides of both changes. */
export const edgeInstants = [
  '1899-12-31T23:59:59Z',
  '1969-12-31T23:59:59.999Z',
  '2026-03-08T06:59:59Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T05:59:59Z',
  '2026-11-01T06:00:00Z',
];
