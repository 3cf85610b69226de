import Foundation

/// How an HDFS is reached, beyond what its URL says.
package struct HDFSOptions: Hashable, Sendable {
    /// The user that the NameNode is told, or who logs in where there is a password.
    package var user: String
    /// The password of basic authentication, as gateways such as Knox ask for it. A secret.
    package var password: String?
    /// A delegation token, in the form that a URL has. A secret.
    package var token: String?
    /// `HOST:PORT,…` of the NameNodes' HTTP servers, instead of those that the URL or Hadoop's configuration says.
    package var httpAddress: String?
    /// The path of WebHDFS on these servers; a gateway puts one of its own in front.
    package var httpPath = Self.defaultHTTPPath
    /// The directory of `core-site.xml` and `hdfs-site.xml` (`hadoop.conf.dir`).
    package var configurationDirectory: String?
    /// A file with the certificates of authorities that are trusted, in PEM form; those of the system if `nil`.
    package var certificateAuthorities: String?
    /// How many DataNodes keep each block; the server's default if `nil`.
    package var replication: Int?
    /// The block size of new files; the server's default if `nil`.
    package var blockSizeBytes: Int?
    /// The permissions of new files and directories, as octal digits; the server's default if `nil`. Directories that are
    /// made on the way to a file have those of the directory above.
    package var filePermissions: String?
    package var directoryPermissions: String?
    /// For how long a call is tried again while no NameNode or DataNode can do it.
    package var retryFor = Duration.seconds(20)
    /// How long a NameNode may take for an answer.
    package var answerTimeout = Duration.seconds(30)
    /// How long a DataNode may neither take nor send a byte. HDFS itself waits 60 s for a DataNode before it goes on with
    /// the others, so this is longer.
    package var dataTimeout = Duration.seconds(90)

    package static let defaultHTTPPath = "/webhdfs/v1"

    package init(user: String = Self.processUser) {
        self.user = user
    }

    /// The name of the user that runs this program.
    package static var processUser: String { NSUserName() }
}

/// Bounds of what an HDFS may take.
enum HDFSLimits {
    /// A file of at most this many bytes is sent in one request, which can be tried again.
    static let wholeBytes = 64 << 10
    /// The most bytes that are copied and handed to the connection at once.
    static let pieceBytes = 1 << 20
    /// How many bytes of a file are read ahead of the caller.
    static let readAheadBytes = 1 << 20
    /// The largest answer of a NameNode: a page of entries with long names, or the message of an exception.
    static let answerBytes = 16 << 20
    /// The most characters of a message of the server that are shown.
    static let messageCharacters = 300
    /// Connections to one DataNode, one for each file that is being written or read.
    static let connectionsPerServer = 8_192
    /// An unused connection is closed before the server closes it, so that no request meets a closed one.
    static let idleConnection = Duration.seconds(5)
    static let connectTimeout = Duration.seconds(5)
    /// The first and the longest pause before a call is tried again.
    static let firstPause = Duration.milliseconds(100)
    static let longestPause = Duration.seconds(3)
    /// The largest of Hadoop's configuration files that is read.
    static let configurationBytes = 4 << 20
}
