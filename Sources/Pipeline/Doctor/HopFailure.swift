import Glibc

/// Why a hop fails, and in words: what is wrong and what to do. Which words depends on who named the address, since a person
/// can correct one, and the broker's configuration has to be corrected for the other.
enum HopFailure: Error, Equatable {
    /// The name has no address; the reason is the resolver's.
    case unknownHost(String)
    /// Nothing happened within the time.
    case noAnswer
    /// The system's error number.
    case system(errno: CInt)
    /// It ended the connection instead of answering.
    case closed
    /// It answered in TLS.
    case tls
    /// It answered in HTTP.
    case http
    /// It answered something else.
    case notKafka
    /// It has no version of the call that is known here.
    case versions(String)
    /// It answered with an error of Kafka's.
    case refused(String)

    /// Who named the address.
    enum Origin {
        /// The person who asks.
        case person
        /// The cluster, as that of a node.
        case cluster
    }

    /// - Parameter address: `HOST:PORT`
    func hop(_ step: RouteReport.Hop.Step, _ address: String, _ origin: Origin) -> RouteReport.Hop {
        .init(step: step, isWell: false, finding: finding, cure: cure(step, address, origin))
    }

    private var finding: String {
        switch self {
        case .unknownHost(let reason): "the name is not known here: \(reason)"
        case .noAnswer: "no answer within the time"
        case .system(let number): String(cString: strerror(number))
        case .closed: "it closed the connection instead of answering"
        case .tls: "it speaks TLS"
        case .http: "it speaks HTTP"
        case .notKafka: "it does not speak Kafka's protocol"
        case .versions(let call): "it serves no version of \(call) that is known here"
        case .refused(let code): "it answered \(code)"
        }
    }

    private func cure(_ step: RouteReport.Hop.Step, _ address: String, _ origin: Origin) -> String {
        let advertise = "in advertised.listeners (of hera: --advertise)"
        switch (self, origin) {
        case (.unknownHost, .person): return "check the spelling, and that this machine's name server knows the name"
        case (.unknownHost, .cluster):
            return
                "advertise a name that clients can resolve, \(advertise), instead of one that only the broker's network "
                + "knows; or give this machine the name in /etc/hosts"
        case (.system(ECONNREFUSED), .person):
            return "nothing listens there: start the broker, or correct the port"
        case (.system(ECONNREFUSED), .cluster):
            return
                "nothing listens there: advertise the address and port that lead to the node from here, \(advertise); of "
                + "a container that is the port it publishes"
        case (.noAnswer, _) where step == .resolve: return "check that this machine's name server answers"
        case (.noAnswer, .person) where step == .connect:
            return "packets get lost: check the address, and the firewalls on the way"
        case (.noAnswer, .cluster) where step == .connect, (.system, .cluster):
            return
                "advertise an address that can be reached from here, \(advertise), or let it through the firewalls on the "
                + "way"
        case (.system, .person): return "check the address, and the route of this machine to it"
        case (.noAnswer, _): return "something accepts connections and does not answer: look at the broker's log"
        case (.tls, _):
            return "give clients security.protocol=ssl or sasl_ssl; this command only walks ways without TLS"
        case (.http, _): return "use the port of the Kafka listener; this one is of another service"
        case (.closed, _) where step == .metadata || step == .cluster:
            return
                "it may ask for a login: give clients security.protocol=sasl_plaintext and theirs; this command has none"
        case (.closed, _): return "look at the broker's log; it may refuse connections from here, or have too many"
        case (.notKafka, _): return "correct the port; another service has this one"
        case (.versions, _): return "use a Kafka of version 0.10 or later"
        case (.refused, _): return "look at the broker's log"
        }
    }
}
