/** Thirty fields of every type. */
export const defaultFields: readonly string[] = [
  'id first_name last_name email phone mobile_phone source status tags owner companies deals job_title website address',
  'city postal_code birth_date is_subscribed lead_score lifetime_value discount_rate notes last_contacted_at created_at',
  'updated_at loyalty_tier annual_budget contract_start national_id',
]
  .join(' ')
  .split(' ');
