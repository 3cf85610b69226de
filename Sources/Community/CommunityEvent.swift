/// What happens in the community.
package enum CommunityEvent: Equatable, Sendable {
    /// A user joined.
    case registration(UserProfile)
    /// A user did something that earns a reward.
    case behaviour(Behaviour, by: UserID)
    /// A user bought a prize.
    case prize(Prize, by: UserID)
    /// A record of this topic was due, but no user can have it: its id is empty, so it is sent as a tombstone.
    case withoutUser(CommunityTopic)

    /// Where the record belongs.
    package var topic: CommunityTopic {
        switch self {
        case .registration: .users
        case .behaviour: .behaviours
        case .prize: .prizes
        case .withoutUser(let topic): topic
        }
    }

    /// Who it is about; `nil`: nobody.
    package var user: UserID? {
        switch self {
        case .registration(let profile): profile.id
        case .behaviour(_, let user), .prize(_, let user): user
        case .withoutUser: nil
        }
    }

    /// The reward or the price, in hundredths of a token; 0 where there is none.
    var hundredths: UInt32 {
        switch self {
        case .registration, .withoutUser: 0
        case .behaviour(let behaviour, _): behaviour.rewardHundredths
        case .prize(let prize, _): prize.price.hundredths
        }
    }
}

/// One record of the community's stream: an event, and in which way the record about it is bad.
package struct CommunityRecord: Equatable, Sendable {
    package let event: CommunityEvent
    /// `nil`: it is good.
    package let dirt: Dirt?
    /// Decides what a bad record looks like: which field is wrong, where the value ends.
    let variant: UInt32

    package init(_ event: CommunityEvent, dirt: Dirt? = nil, variant: UInt32 = 0) {
        self.event = event
        self.dirt = dirt
        self.variant = variant
    }

    package var topic: CommunityTopic { event.topic }

    /// How long before its place in the sequence the record's time is.
    package var latenessMilliseconds: Int64 {
        let range: ClosedRange<Int64>
        switch dirt {
        case .late: range = Self.latenessMilliseconds
        case .outOfOrder: range = Self.disorderMilliseconds
        default: return 0
        }
        return range.lowerBound + Int64(variant) % (range.upperBound - range.lowerBound + 1)
    }

    /// The times of ``Dirt/late`` and ``Dirt/outOfOrder``.
    package static let latenessMilliseconds: ClosedRange<Int64> = 3_600_000...259_200_000
    package static let disorderMilliseconds: ClosedRange<Int64> = 1_000...600_000

    /// Which field of the record's object is missing, null or of a wrong type, counted from 0.
    var badField: Int { Int(variant) % topic.fieldCount }
}

/// What one record says and what it changes in a user's account, in 8 bytes: it is kept with each record until its
/// acknowledgement, so that the ground truth can leave out what never arrived.
package struct EventEffect: Equatable, Sendable {
    /// What the pipeline finds in a record.
    package enum Form: UInt8, Sendable {
        /// No value: a null value, or the text `null`. It is filtered.
        case withoutValue
        /// A value that is no JSON. It becomes a dead letter.
        case broken
        /// A line of `utenti`, `comportamenti` or `premi`.
        case user
        case behaviour
        case prize
    }

    /// The number in the user's id; 0 where the record names no user.
    package let userNumber: UInt32
    /// The reward or the price, in hundredths of a token; 0 where there is none that can be read.
    package let hundredths: UInt16
    package let form: Form
    private let dirtCode: UInt8

    private init(userNumber: UInt32, hundredths: UInt32, form: Form, dirt: Dirt?) {
        self.userNumber = userNumber
        self.hundredths = UInt16(hundredths)
        self.form = form
        dirtCode = dirt?.rawValue ?? Self.clean
    }

    private static let clean = UInt8.max

    /// In which way the record is bad; `nil`: it is good.
    package var dirt: Dirt? { dirtCode == Self.clean ? nil : Dirt(rawValue: dirtCode) }
    /// The reward; 0 unless the record is a behaviour.
    package var earnedHundredths: UInt16 { form == .behaviour ? hundredths : 0 }
    /// The price; 0 unless the record is a prize.
    package var spentHundredths: UInt16 { form == .prize ? hundredths : 0 }
    /// Whether the record has no value.
    package var isTombstone: Bool { form == .withoutValue }

    /// Whether the record is a line that says nothing: it names no user, or is an event without an amount.
    package var isUnusable: Bool {
        switch form {
        case .withoutValue, .broken: false
        case .user: userNumber == 0
        case .behaviour, .prize: userNumber == 0 || hundredths == 0
        }
    }
}

extension EventEffect {
    /// A tombstone's: nothing.
    package static let none = EventEffect(userNumber: 0, hundredths: 0, form: .withoutValue, dirt: nil)

    /// What a good record of `event` says.
    private init(good event: CommunityEvent) {
        switch event {
        case .registration(let profile):
            self.init(userNumber: profile.id.number, hundredths: 0, form: .user, dirt: nil)
        case .behaviour(let behaviour, let user):
            self.init(userNumber: user.number, hundredths: behaviour.rewardHundredths, form: .behaviour, dirt: nil)
        case .prize(let prize, let user):
            self.init(userNumber: user.number, hundredths: prize.price.hundredths, form: .prize, dirt: nil)
        case .withoutUser: self = .none
        }
    }

    /// What `record` says.
    package init(_ record: CommunityRecord) {
        let event = record.event
        guard let dirt = record.dirt else {
            self.init(good: event)
            return
        }
        guard let user = event.user else {
            self = .none
            return
        }
        switch dirt {
        case .tombstone, .nullText: self.init(userNumber: 0, hundredths: 0, form: .withoutValue, dirt: dirt)
        case .brokenJSON: self.init(userNumber: 0, hundredths: 0, form: .broken, dirt: dirt)
        case .missingField, .nullField, .wrongType:
            let fields = event.topic.fieldCount
            let isUserBad = record.badField == 0
            let isAmountBad = event.topic.event != nil && record.badField == fields - 1
            self.init(
                userNumber: isUserBad ? 0 : user.number,
                hundredths: isUserBad || isAmountBad ? 0 : event.hundredths,
                form: Form(event.topic),
                dirt: dirt
            )
        case .impossibleValue:
            self.init(userNumber: user.number, hundredths: 0, form: Form(event.topic), dirt: dirt)
        case .unknownKey, .duplicate, .late, .outOfOrder, .unknownPartner, .longText, .badKey:
            self.init(userNumber: user.number, hundredths: event.hundredths, form: Form(event.topic), dirt: dirt)
        }
    }
}

extension EventEffect.Form {
    fileprivate init(_ topic: CommunityTopic) {
        switch topic {
        case .users: self = .user
        case .behaviours: self = .behaviour
        case .prizes: self = .prize
        }
    }
}

extension CommunityRecord {
    /// What the record says.
    package var effect: EventEffect { EventEffect(self) }
}
