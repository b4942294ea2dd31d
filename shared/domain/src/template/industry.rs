//! The kinds of business there are templates for.

use serde::{Deserialize, Serialize};

/// The kind of a business, which decides what its assistant says and asks at first.
///
/// It is read from the `industryCode` of other systems, whose codes are theirs to choose: one that
/// nobody here knows is [`Industry::General`], never an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(from = "String", into = "&'static str")]
pub enum Industry {
    /// Any business.
    #[default]
    General,
    /// Heating, plumbing, electrical work, roofing, repairs at home.
    HomeServices,
    /// Cleaning of homes and offices.
    Cleaning,
    /// Doctors and clinics.
    Medical,
    /// Dentists.
    Dental,
    /// Veterinarians.
    Veterinary,
    /// Lawyers.
    Legal,
    /// Accountants, tax advisers, bookkeepers.
    Accounting,
    /// Insurance agencies.
    Insurance,
    /// Real estate agents.
    RealEstate,
    /// Managers of rented and owned buildings.
    PropertyManagement,
    /// Restaurants, cafés, caterers.
    Restaurant,
    /// Hotels and guest houses.
    Hotel,
    /// Hair, nails, skin, massage.
    Salon,
    /// Gyms and studios.
    Fitness,
    /// Garages.
    AutoRepair,
    /// Shops.
    Retail,
    /// Schools, tutors, day care.
    Education,
}

/// Codes that other systems use.
const OTHER_NAMES: [(Industry, &[&str]); 18] = [
    (Industry::General, &["other", "default"]),
    (
        Industry::HomeServices,
        &[
            "home_service",
            "hvac",
            "heating",
            "heating_and_cooling",
            "plumbing",
            "plumber",
            "electrical",
            "electrician",
            "roofing",
            "handyman",
            "contractor",
            "construction",
            "landscaping",
            "pest_control",
            "locksmith",
        ],
    ),
    (Industry::Cleaning, &["cleaning_services", "house_cleaning", "janitorial", "maid_service"]),
    (
        Industry::Medical,
        &[
            "medical_office",
            "medical_clinic",
            "healthcare",
            "health_care",
            "health",
            "doctor",
            "clinic",
            "physician",
            "chiropractic",
            "chiropractor",
            "physical_therapy",
        ],
    ),
    (Industry::Dental, &["dental_office", "dental_clinic", "dentist", "orthodontist"]),
    (Industry::Veterinary, &["vet", "veterinarian", "animal_hospital", "pet_care", "pets"]),
    (Industry::Legal, &["law", "law_firm", "legal_services", "lawyer", "attorney"]),
    (Industry::Accounting, &["accountant", "bookkeeping", "tax", "taxes", "cpa", "finance"]),
    (Industry::Insurance, &["insurance_agency", "insurance_agent"]),
    (Industry::RealEstate, &["realestate", "real_estate_agency", "realtor", "realty"]),
    (Industry::PropertyManagement, &["property_manager", "property", "apartments"]),
    (
        Industry::Restaurant,
        &[
            "restaurants",
            "cafe",
            "coffee_shop",
            "bar",
            "food",
            "food_and_beverage",
            "pizzeria",
            "catering",
            "bakery",
        ],
    ),
    (Industry::Hotel, &["hotels", "hospitality", "lodging", "bed_and_breakfast"]),
    (
        Industry::Salon,
        &[
            "beauty",
            "beauty_salon",
            "hair_salon",
            "nail_salon",
            "barber",
            "barbershop",
            "spa",
            "salon_spa",
            "massage",
        ],
    ),
    (Industry::Fitness, &["gym", "gyms", "fitness_studio", "yoga", "personal_training"]),
    (
        Industry::AutoRepair,
        &["auto", "automotive", "car_repair", "garage", "mechanic", "body_shop", "auto_shop"],
    ),
    (Industry::Retail, &["store", "shop", "ecommerce", "e_commerce"]),
    (Industry::Education, &["school", "tutoring", "childcare", "child_care", "daycare"]),
];

/// Characters of a code that are looked at; all of ours are shorter.
const CODE_LENGTH_MAX: usize = 64;

impl Industry {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::General,
        Self::HomeServices,
        Self::Cleaning,
        Self::Medical,
        Self::Dental,
        Self::Veterinary,
        Self::Legal,
        Self::Accounting,
        Self::Insurance,
        Self::RealEstate,
        Self::PropertyManagement,
        Self::Restaurant,
        Self::Hotel,
        Self::Salon,
        Self::Fitness,
        Self::AutoRepair,
        Self::Retail,
        Self::Education,
    ];

    /// Our own code of it, which is also the name of its template.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::HomeServices => "home_services",
            Self::Cleaning => "cleaning",
            Self::Medical => "medical",
            Self::Dental => "dental",
            Self::Veterinary => "veterinary",
            Self::Legal => "legal",
            Self::Accounting => "accounting",
            Self::Insurance => "insurance",
            Self::RealEstate => "real_estate",
            Self::PropertyManagement => "property_management",
            Self::Restaurant => "restaurant",
            Self::Hotel => "hotel",
            Self::Salon => "salon",
            Self::Fitness => "fitness",
            Self::AutoRepair => "auto_repair",
            Self::Retail => "retail",
            Self::Education => "education",
        }
    }

    /// The industry that a code names; `General` for a code that nobody here knows.
    ///
    /// Case, spaces and dashes do not matter (`Real Estate`, `real-estate`), and common other names
    /// are understood (`hvac`, `dentist`, `law firm`).
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        let plain: String = code
            .trim()
            .chars()
            .take(CODE_LENGTH_MAX)
            .map(|letter| match letter {
                ' ' | '-' | '/' | '.' => '_',
                _ => letter.to_ascii_lowercase(),
            })
            .collect();
        let own = || Self::ALL.into_iter().find(|industry| industry.code() == plain);
        let other = || OTHER_NAMES.into_iter().find(|(_, names)| names.contains(&plain.as_str()));
        own().or_else(|| other().map(|(industry, _)| industry)).unwrap_or_default()
    }

    /// Its template, as it was compiled in.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::General => include_str!("../../templates/general.json"),
            Self::HomeServices => include_str!("../../templates/home_services.json"),
            Self::Cleaning => include_str!("../../templates/cleaning.json"),
            Self::Medical => include_str!("../../templates/medical.json"),
            Self::Dental => include_str!("../../templates/dental.json"),
            Self::Veterinary => include_str!("../../templates/veterinary.json"),
            Self::Legal => include_str!("../../templates/legal.json"),
            Self::Accounting => include_str!("../../templates/accounting.json"),
            Self::Insurance => include_str!("../../templates/insurance.json"),
            Self::RealEstate => include_str!("../../templates/real_estate.json"),
            Self::PropertyManagement => include_str!("../../templates/property_management.json"),
            Self::Restaurant => include_str!("../../templates/restaurant.json"),
            Self::Hotel => include_str!("../../templates/hotel.json"),
            Self::Salon => include_str!("../../templates/salon.json"),
            Self::Fitness => include_str!("../../templates/fitness.json"),
            Self::AutoRepair => include_str!("../../templates/auto_repair.json"),
            Self::Retail => include_str!("../../templates/retail.json"),
            Self::Education => include_str!("../../templates/education.json"),
        }
    }
}

impl From<String> for Industry {
    fn from(code: String) -> Self {
        Self::from_code(&code)
    }
}

impl From<Industry> for &'static str {
    fn from(industry: Industry) -> Self {
        industry.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_names_its_own_industry_and_is_stored_as_it_is() {
        for industry in Industry::ALL {
            assert_eq!(Industry::from_code(industry.code()), industry);
            let stored = serde_json::to_string(&industry).unwrap();
            assert_eq!(stored, format!("{:?}", industry.code()));
            assert_eq!(serde_json::from_str::<Industry>(&stored).unwrap(), industry);
        }
        assert_eq!(Industry::ALL.into_iter().collect::<BTreeSet<_>>().len(), Industry::ALL.len());
    }

    #[test]
    fn codes_of_other_systems_are_understood_each_in_one_way() {
        let mut seen: BTreeSet<&str> = Industry::ALL.into_iter().map(Industry::code).collect();
        for (industry, names) in OTHER_NAMES {
            for name in names {
                assert_eq!(Industry::from_code(name), industry, "{name}");
                assert!(seen.insert(name), "{name} stands twice");
            }
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        for (code, industry) in [
            ("Real Estate", Industry::RealEstate),
            ("real-estate", Industry::RealEstate),
            (" HVAC ", Industry::HomeServices),
            ("Law Firm", Industry::Legal),
            ("AUTO_REPAIR", Industry::AutoRepair),
        ] {
            assert_eq!(Industry::from_code(code), industry, "{code}");
        }
    }

    #[test]
    fn an_unknown_code_is_general() {
        for code in ["", "238220", "space travel", "général", &"x".repeat(10_000)] {
            assert_eq!(Industry::from_code(code), Industry::General, "{code}");
        }
        assert_eq!(serde_json::from_str::<Industry>("\"mining\"").unwrap(), Industry::General);
    }
}
