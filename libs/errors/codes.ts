import { entry, fatal, system, user, type CatalogueEntry } from './catalogue-entry.ts';
import { sheetCodes } from './sheet-codes.ts';

/** Every code of a problem or of a job's `failure_reason`. Codes are never renamed. */
export const catalogue = {
  UNAUTHENTICATED: user(
    401,
    ['Sign in first', 'Masuk terlebih dahulu'],
    ['Send a valid bearer token: {reason}.', 'Kirim bearer token yang sah: {reason}.'],
  ),
  FORBIDDEN: user(
    403,
    ['You may not do this', 'Anda tidak boleh melakukan ini'],
    [
      'Ask an administrator for the permission {permission}.',
      'Minta izin {permission} kepada administrator.',
    ],
  ),
  FLAG_DISABLED: user(
    403,
    ['Contact export is not switched on', 'Ekspor kontak belum diaktifkan'],
    [
      'The feature contact_export is off for your company. Ask your administrator to switch it on.',
      'Fitur contact_export belum aktif untuk perusahaan Anda. Minta administrator untuk mengaktifkannya.',
    ],
  ),
  MALFORMED_REQUEST: user(
    400,
    ['The request cannot be read', 'Permintaan tidak dapat dibaca'],
    [
      'What arrived is not a valid HTTP/1.1 request. Check the client, and each proxy on the way.',
      'Yang diterima bukan permintaan HTTP/1.1 yang sah. Periksa klien dan setiap proksi di antaranya.',
    ],
  ),
  REQUEST_TIMEOUT: entry(
    408,
    'user',
    true,
    ['The request took too long', 'Permintaan terlalu lama'],
    [
      'The whole request did not arrive in time. Send it again over a faster connection.',
      'Permintaan tidak tiba seluruhnya tepat waktu. Kirim lagi dengan koneksi yang lebih cepat.',
    ],
  ),
  HEADERS_TOO_LARGE: user(
    431,
    ['The headers are too large', 'Header terlalu besar'],
    [
      'The headers take more than 16 KiB. Remove cookies and shorten the address.',
      'Header melebihi 16 KiB. Hapus cookie dan persingkat alamat.',
    ],
  ),
  MALFORMED_JSON: user(
    400,
    ['The body is not JSON', 'Isi permintaan bukan JSON'],
    ['Send a JSON object: {reason}.', 'Kirim objek JSON: {reason}.'],
  ),
  BODY_TOO_LARGE: user(
    413,
    ['The body is too large', 'Isi permintaan terlalu besar'],
    ['Send at most {limit_bytes}.', 'Kirim paling banyak {limit_bytes}.'],
  ),
  UNSUPPORTED_MEDIA_TYPE: user(
    415,
    ['The media type is not supported', 'Jenis media tidak didukung'],
    ['Send the body as {expected}.', 'Kirim isi permintaan sebagai {expected}.'],
  ),
  VALIDATION_FAILED: user(
    422,
    ['The request is not valid', 'Permintaan tidak valid'],
    ['Correct the fields listed in errors.', 'Perbaiki bidang yang tercantum di errors.'],
  ),
  EXPORT_SELECTION_MODE_INVALID: user(
    422,
    ['Unknown selection mode', 'Mode pemilihan tidak dikenal'],
    ['Set selection_mode to one of {allowed}.', 'Isi selection_mode dengan salah satu dari {allowed}.'],
  ),
  EXPORT_SELECTION_EMPTY: user(
    422,
    ['Nothing is selected', 'Tidak ada yang dipilih'],
    [
      'No contact matches the selection. Widen the filter or the period, or select other contacts.',
      'Tidak ada kontak yang cocok. Perluas filter atau periode, atau pilih kontak lain.',
    ],
  ),
  EXPORT_LIMIT_EXCEEDED: user(
    422,
    ['Too many contacts for one export', 'Terlalu banyak kontak untuk satu ekspor'],
    [
      'The selection has {total} contacts and the limit is {cap}. Narrow the filter or split by period.',
      'Pilihan berisi {total} kontak dan batasnya {cap}. Persempit filter atau bagi menurut periode.',
    ],
  ),
  EXPORT_FIELD_UNKNOWN: user(
    422,
    ['Unknown field', 'Bidang tidak dikenal'],
    [
      'These fields do not exist or may not be used with this layout: {fields}. Remove them from the request.',
      'Bidang ini tidak ada atau tidak boleh dipakai dengan tata letak ini: {fields}. Hapus dari permintaan.',
    ],
  ),
  EXPORT_LAYOUT_UNKNOWN: user(
    422,
    ['Unknown layout', 'Tata letak tidak dikenal'],
    [
      'There is no layout {layout_id} in your company. Choose another layout.',
      'Tidak ada tata letak {layout_id} di perusahaan Anda. Pilih tata letak lain.',
    ],
  ),
  EXPORT_TIMEZONE_INVALID: user(
    422,
    ['Unknown timezone', 'Zona waktu tidak dikenal'],
    [
      '{timezone} is not an IANA timezone id. {suggestion}',
      '{timezone} bukan id zona waktu IANA. {suggestion}',
    ],
  ),
  EXPORT_SOURCE_INVALID: user(
    422,
    ['Unknown source', 'Sumber tidak dikenal'],
    ['Set source to a list of {allowed}.', 'Isi source dengan daftar dari {allowed}.'],
  ),
  EXPORT_PERIOD_INVALID: user(
    422,
    ['The period is not valid', 'Periode tidak valid'],
    ['{reason}', '{reason}'],
  ),
  EXPORT_SORT_NOT_ALLOWED: user(
    422,
    ['A sort is not allowed', 'Urutan tidak diperbolehkan'],
    [
      'first_10k_sorted takes the newest contacts. Remove sort from the criterion, or use selection_mode filtered.',
      'first_10k_sorted mengambil kontak terbaru. Hapus sort dari criterion, atau pakai selection_mode filtered.',
    ],
  ),
  EXPORT_STORAGE_QUOTA_EXCEEDED: user(
    422,
    ['The storage of your company is full', 'Penyimpanan perusahaan Anda penuh'],
    [
      'Stored files and running exports use {used_bytes} of {quota_bytes}. Wait until older files expire.',
      'Berkas tersimpan dan ekspor berjalan memakai {used_bytes} dari {quota_bytes}. Tunggu berkas lama kedaluwarsa.',
    ],
  ),
  EXPORT_REQUEST_TOO_LARGE: user(
    422,
    ['The request is too large', 'Permintaan terlalu besar'],
    [
      'The request takes {bytes} and the limit is {limit_bytes}. Select fewer contacts or shorten the filter.',
      'Permintaan berukuran {bytes} dan batasnya {limit_bytes}. Pilih lebih sedikit kontak atau persingkat filter.',
    ],
  ),
  EXPORT_RATE_LIMITED: user(
    429,
    ['Too many exports', 'Terlalu banyak ekspor'],
    [
      'Your company may start {limit} exports in {window_seconds}. Try again in {retry_after_seconds}.',
      'Perusahaan Anda boleh memulai {limit} ekspor dalam {window_seconds}. Coba lagi dalam {retry_after_seconds}.',
    ],
  ),
  READ_RATE_LIMITED: user(
    429,
    ['Too many searches', 'Terlalu banyak pencarian'],
    [
      'You may search {limit} times in {window_seconds}. Try again in {retry_after_seconds}.',
      'Anda boleh mencari {limit} kali dalam {window_seconds}. Coba lagi dalam {retry_after_seconds}.',
    ],
  ),
  SEARCH_TOO_SLOW: user(
    422,
    ['The search takes too long', 'Pencarian terlalu lama'],
    [
      'The search was stopped after {limit_ms}. Narrow the filter or the period.',
      'Pencarian dihentikan setelah {limit_ms}. Persempit filter atau periode.',
    ],
  ),
  EXPORT_NOT_FOUND: user(
    404,
    ['No such export', 'Ekspor tidak ditemukan'],
    ['There is no export {job_id} in your company.', 'Tidak ada ekspor {job_id} di perusahaan Anda.'],
  ),
  EXPORT_EXPIRED: user(
    410,
    ['The file has expired', 'Berkas sudah kedaluwarsa'],
    ['Files are kept for 48 hours. Export again.', 'Berkas disimpan selama 48 jam. Ekspor lagi.'],
  ),
  EXPORT_WITHOUT_FILE: user(
    409,
    ['The export has no file', 'Ekspor tidak memiliki berkas'],
    ['The export is {job_status}. Export again.', 'Ekspor ini {job_status}. Ekspor lagi.'],
  ),
  EXPORT_NOT_CANCELLABLE: user(
    409,
    ['The export has already ended', 'Ekspor sudah berakhir'],
    [
      'The export is {job_status}. Only a queued or processing export can be cancelled.',
      'Ekspor ini {job_status}. Hanya ekspor yang antre atau diproses yang dapat dibatalkan.',
    ],
  ),
  EXPORT_NOT_RETRYABLE: user(
    409,
    ['The export cannot be retried', 'Ekspor tidak dapat diulang'],
    [
      'The export is {job_status}. Only a failed export can be retried.',
      'Ekspor ini {job_status}. Hanya ekspor yang gagal yang dapat diulang.',
    ],
  ),
  IDEMPOTENCY_KEY_REUSED: user(
    409,
    [
      'The Idempotency-Key was used for another request',
      'Idempotency-Key sudah dipakai untuk permintaan lain',
    ],
    ['Use a new key for a new request.', 'Gunakan kunci baru untuk permintaan baru.'],
  ),
  IDEMPOTENCY_KEYS_EXHAUSTED: user(
    409,
    ['Too many Idempotency-Keys for one export', 'Terlalu banyak Idempotency-Key untuk satu ekspor'],
    [
      'The same export runs already under {limit} keys. Repeat one of them, or wait until it has ended.',
      'Ekspor yang sama sudah berjalan dengan {limit} kunci. Ulangi salah satunya, atau tunggu sampai selesai.',
    ],
  ),
  TOO_MANY_STREAMS: user(
    429,
    ['Too many event streams', 'Terlalu banyak aliran peristiwa'],
    [
      'You have {limit} event streams open. Close one of them, such as a tab of the browser.',
      'Anda memiliki {limit} aliran peristiwa yang terbuka. Tutup salah satunya, misalnya sebuah tab peramban.',
    ],
  ),
  PRESET_NOT_FOUND: user(
    404,
    ['No such preset', 'Preset tidak ditemukan'],
    ['You have no preset {preset_id}.', 'Anda tidak memiliki preset {preset_id}.'],
  ),
  PRESET_NAME_TAKEN: user(
    409,
    ['The name is taken', 'Nama sudah dipakai'],
    ['Another preset is called {name}. Choose another name.', 'Preset lain bernama {name}. Pilih nama lain.'],
  ),
  PRESET_CHANGED: user(
    412,
    ['The preset has changed', 'Preset sudah berubah'],
    [
      'Someone has changed the preset {preset_id} since you read it. Read it again and repeat your change.',
      'Preset {preset_id} sudah diubah sejak Anda membacanya. Baca lagi, lalu ulangi perubahan Anda.',
    ],
  ),
  NOTIFICATION_NOT_FOUND: user(
    404,
    ['No such notification', 'Notifikasi tidak ditemukan'],
    ['You have no notification {notification_id}.', 'Anda tidak memiliki notifikasi {notification_id}.'],
  ),
  ROUTE_NOT_FOUND: user(
    404,
    ['No such address', 'Alamat tidak ditemukan'],
    [
      'There is no route for {method} {path}. See /openapi.json.',
      'Tidak ada rute untuk {method} {path}. Lihat /openapi.json.',
    ],
  ),
  METHOD_NOT_ALLOWED: user(
    405,
    ['Method not allowed', 'Metode tidak diizinkan'],
    ['{path} accepts {allowed}.', '{path} menerima {allowed}.'],
  ),
  REGION_UNAVAILABLE: system(
    503,
    ['The region of your company is not available', 'Wilayah perusahaan Anda tidak tersedia'],
    [
      'No storage is set up for the region {region}. An operator must add it before you can export.',
      'Belum ada penyimpanan untuk wilayah {region}. Operator harus menambahkannya sebelum Anda dapat mengekspor.',
    ],
  ),
  SERVICE_UNAVAILABLE: system(
    503,
    ['The service is not available at the moment', 'Layanan sedang tidak tersedia'],
    [
      'The request was not accepted. Try again in a few seconds.',
      'Permintaan tidak diterima. Coba lagi dalam beberapa detik.',
    ],
  ),
  INTERNAL_ERROR: fatal(
    ['Something went wrong', 'Terjadi kesalahan'],
    [
      'Something went wrong on our side. Try again; if it happens again, report the request_id.',
      'Terjadi kesalahan di pihak kami. Coba lagi; jika terulang, laporkan request_id.',
    ],
  ),
  EXPORT_STALLED: fatal(
    ['The export stalled', 'Ekspor terhenti'],
    [
      'No contact arrived for {minutes}. Retry the export.',
      'Tidak ada kontak yang tiba selama {minutes}. Ulangi ekspor.',
    ],
  ),
  EXPORT_BATCH_UNREADABLE: fatal(
    ['The export could not be read', 'Ekspor tidak dapat dibaca'],
    [
      'A part of this export cannot be read. Retry the export.',
      'Sebagian ekspor ini tidak dapat dibaca. Ulangi ekspor.',
    ],
  ),
  EXPORT_BATCH_TOO_LARGE: fatal(
    ['A contact is too large', 'Sebuah kontak terlalu besar'],
    [
      'One contact has {bytes} of data, more than an export can carry. Leave out its longest field.',
      'Satu kontak memiliki {bytes} data, melebihi batas ekspor. Hilangkan bidang terpanjangnya.',
    ],
  ),
  EXPORT_FILE_TOO_LARGE: fatal(
    ['The file is too large', 'Berkas terlalu besar'],
    [
      'An XLSX file holds at most 4 GiB. Export fewer contacts or fields, or choose CSV.',
      'Berkas XLSX memuat paling banyak 4 GiB. Ekspor lebih sedikit kontak atau bidang, atau pilih CSV.',
    ],
  ),
  EXPORT_RECEIPT_MISMATCH: fatal(
    ['The file did not match its receipt', 'Berkas tidak sesuai tanda terima'],
    [
      'Selected {matched}, written {written}, skipped {skipped}: the file was withheld. Retry the export.',
      'Dipilih {matched}, ditulis {written}, dilewati {skipped}: berkas ditahan. Ulangi ekspor.',
    ],
  ),
  EXPORT_FAILED: fatal(
    ['The export failed', 'Ekspor gagal'],
    [
      'Something went wrong on our side. Retry the export.',
      'Terjadi kesalahan di pihak kami. Ulangi ekspor.',
    ],
  ),
  STORAGE_UNAVAILABLE: system(
    503,
    ['The file storage cannot be reached', 'Penyimpanan berkas tidak dapat dijangkau'],
    ['Try again in a few seconds.', 'Coba lagi dalam beberapa detik.'],
  ),
  STORAGE_FAILED: fatal(
    ['The file storage refused', 'Penyimpanan berkas menolak'],
    ['The storage answered {reason}.', 'Penyimpanan menjawab {reason}.'],
  ),
  MAIL_UNAVAILABLE: system(
    503,
    ['The mail server cannot accept an email', 'Server email tidak dapat menerima email'],
    ['It will be tried again later: {reason}', 'Akan dicoba lagi nanti: {reason}'],
  ),
  MAIL_REFUSED: fatal(
    ['The mail server refused an email', 'Server email menolak sebuah email'],
    ['Trying again would not help: {reason}', 'Mencoba lagi tidak akan membantu: {reason}'],
  ),
  RECEIVER_UNAVAILABLE: system(
    503,
    ['Another system cannot be reached', 'Sistem lain tidak dapat dijangkau'],
    ['{receiver}: {reason}.', '{receiver}: {reason}.'],
  ),
  RECEIVER_REFUSED: fatal(
    ['Another system refused a message', 'Sistem lain menolak sebuah pesan'],
    ['{receiver} answered with status {status}.', '{receiver} menjawab dengan status {status}.'],
  ),
  EVENT_UNREADABLE: fatal(
    ['An event cannot be read', 'Peristiwa tidak dapat dibaca'],
    ['The message does not decode: {reason}.', 'Pesan tidak dapat didekode: {reason}.'],
  ),
  ENCRYPTION_KEY_UNKNOWN: system(
    503,
    ['An encryption key is missing', 'Kunci enkripsi tidak ada'],
    [
      'This process does not know the key {key_id}. An operator must add it to KEY_ENCRYPTION_KEYS.',
      'Proses ini tidak mengenal kunci {key_id}. Operator harus menambahkannya ke KEY_ENCRYPTION_KEYS.',
    ],
  ),
  SEALED_DATA_UNREADABLE: fatal(
    ['Encrypted data cannot be opened', 'Data terenkripsi tidak dapat dibuka'],
    ['Key {key_id}: {reason}.', 'Kunci {key_id}: {reason}.'],
  ),
  CONFIGURATION_INVALID: fatal(
    ['The settings are not valid', 'Pengaturan tidak valid'],
    ['{reason}', '{reason}'],
  ),
  ...sheetCodes,
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** A stable code: clients may depend on it. */
export type ErrorCode = keyof typeof catalogue;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}
