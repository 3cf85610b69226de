/// What has a configuration, with its number on the wire.
package enum ConfigurationResource: Int8, Sendable {
    case topic = 2
    case broker = 4
}
