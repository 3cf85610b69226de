package import Files
import Foundation
import Glibc
import Synchronization
package import SystemPackage

/// A disk that remembers what was forced to the device, and can say what is left of a directory when the power goes.
///
/// Its ``calls`` do what the system's do, one at a time, and note each operation below the directory. Then
/// ``materialize(in:after:using:)`` makes a directory as the device has it after a cut following any of them:
///
/// - bytes and lengths that a `synchronize` of the file covered are there; of those written later some may be missing, in
///   any order, torn, or zeros in a file that has its length already;
/// - names that a `synchronize` of the directory covered are there; of those made, changed or removed later only the
///   first few are, for each directory on its own;
/// - a rename within a directory is there or not; one to another directory may leave both names or none.
///
/// What the directory holds when this object is made counts as on the device.
package final class PowerLoss: Sendable {
    package let root: FilePath
    private let system: DiskCalls
    private let state: Mutex<State>

    package init(below root: FilePath, calls: DiskCalls = .system) throws {
        self.root = root
        system = calls
        var state = State()
        try state.read(root, as: State.rootNode)
        state.beginning = state.nodes
        self.state = Mutex(state)
    }

    /// Operations noted so far.
    package var operationCount: Int { state.withLock { $0.operations.count } }

    /// The calls for the code under test.
    package var calls: DiskCalls {
        var calls = system
        calls.open = { [self] path, mode, options, permissions throws(Errno) in
            try state.withLock { state throws(Errno) in
                let place = place(of: path, state)
                let descriptor = try system.open(path, mode, options, permissions)
                state.opened(
                    descriptor,
                    place,
                    isNew: options.contains(.create),
                    isEmptied: options.contains(.truncate)
                )
                return descriptor
            }
        }
        calls.close = { [self] descriptor throws(Errno) in
            try state.withLock { state throws(Errno) in
                state.descriptors[descriptor] = nil
                try system.close(descriptor)
            }
        }
        calls.write = { [self] descriptor, head, body, position throws(Errno) in
            try state.withLock { state throws(Errno) in
                let count = try system.write(descriptor, head, body, position)
                let bytes = [UInt8]((Array(head) + Array(body)).prefix(count))
                state.note(descriptor) { .write($0, position, bytes) }
                return count
            }
        }
        calls.truncate = { [self] descriptor, size throws(Errno) in
            try state.withLock { state throws(Errno) in
                try system.truncate(descriptor, size)
                state.note(descriptor) { .truncate($0, size) }
            }
        }
        calls.synchronize = { [self] descriptor throws(Errno) in
            try state.withLock { state throws(Errno) in
                try system.synchronize(descriptor)
                state.note(descriptor) { .synchronize($0) }
            }
        }
        addNameCalls(to: &calls)
        return calls
    }

    private func addNameCalls(to calls: inout DiskCalls) {
        calls.makeDirectory = { [self] path, permissions throws(Errno) in
            try state.withLock { state throws(Errno) in
                try system.makeDirectory(path, permissions)
                if let place = place(of: path, state) { state.link(place, to: state.newNode(isDirectory: true)) }
            }
        }
        let renaming = { [self] (call: @escaping @Sendable (FilePath, FilePath) throws(Errno) -> Void) in
            { @Sendable [self] (path: FilePath, target: FilePath) throws(Errno) in
                try state.withLock { state throws(Errno) in
                    let (from, to) = (place(of: path, state), place(of: target, state))
                    try call(path, target)
                    guard let from, let to else { return }
                    state.run(.rename(from, to))
                }
            }
        }
        calls.rename = renaming(system.rename)
        calls.renameExclusively = renaming(system.renameExclusively)
        calls.link = { [self] path, target throws(Errno) in
            try state.withLock { state throws(Errno) in
                let (from, to) = (place(of: path, state), place(of: target, state))
                try system.link(path, target)
                guard let from, let to, let node = state.nodes[from.directory]?.entries[from.name] else { return }
                state.link(to, to: node)
            }
        }
        let removing = { [self] (call: @escaping @Sendable (FilePath) throws(Errno) -> Void) in
            { @Sendable [self] (path: FilePath) throws(Errno) in
                try state.withLock { state throws(Errno) in
                    let place = place(of: path, state)
                    try call(path)
                    if let place { state.run(.unlink(place)) }
                }
            }
        }
        calls.remove = removing(system.remove)
        calls.removeDirectory = removing(system.removeDirectory)
    }

    /// Makes `target` what the device has of the directory if the power goes after the first `count` operations.
    package func materialize(
        in target: FilePath,
        after count: Int,
        using generator: inout SeededGenerator
    ) throws {
        let (beginning, operations) = state.withLock { ($0.beginning, $0.operations) }
        var device = Device(nodes: beginning)
        for operation in operations.prefix(count) { device.run(operation) }
        try device.write(State.rootNode, to: target, using: &generator)
    }

    /// Where a name is; `nil` for one outside the directory. The directory itself has the empty name.
    private func place(of path: FilePath, _ state: borrowing State) -> Place? {
        let (path, root) = (path.lexicallyNormalized(), root.lexicallyNormalized())
        guard path.starts(with: root) else { return nil }
        var node = State.rootNode
        var names = path.components.dropFirst(root.components.count).map(\.string)
        guard let last = names.popLast() else { return Place(directory: State.rootNode, name: "") }
        for name in names {
            guard let next = state.nodes[node]?.entries[name] else { return nil }
            node = next
        }
        return Place(directory: node, name: last)
    }
}

/// A name in a directory.
private struct Place: Sendable, Hashable {
    let directory: Int
    let name: String
}

/// A file or a directory, whatever names it has.
private struct Node: Sendable {
    let isDirectory: Bool
    var bytes: [UInt8] = []
    var entries: [String: Int] = [:]

    mutating func apply(_ operation: Operation) {
        switch operation {
        case .write(_, let position, let written):
            let end = position + written.count
            if bytes.count < end { bytes += Array(repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(position..<end, with: written)
        case .truncate(_, let size):
            bytes = bytes.count >= size ? Array(bytes[..<size]) : bytes + Array(repeating: 0, count: size - bytes.count)
        case .link(let place, let node): entries[place.name] = node
        case .unlink(let place): entries[place.name] = nil
        case .rename(let from, let to):
            entries[to.name] = entries[from.name]
            entries[from.name] = nil
        case .make, .synchronize: break
        }
    }
}

private enum Operation: Sendable {
    case make(Int, isDirectory: Bool)
    case write(Int, Int, [UInt8])
    case truncate(Int, Int)
    case synchronize(Int)
    case link(Place, Int)
    case unlink(Place)
    case rename(Place, Place)
}

/// What the process sees.
private struct State: Sendable {
    static let rootNode = 0

    var nodes: [Int: Node] = [:]
    var beginning: [Int: Node] = [:]
    var operations: [Operation] = []
    var descriptors: [Int32: Int] = [:]
    private var nodeCount = 1

    mutating func read(_ path: FilePath, as node: Int) throws {
        nodes[node] = Node(isDirectory: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: path.string).sorted() {
            let child = nodeCount
            nodeCount += 1
            nodes[node]?.entries[name] = child
            let below = path.appending(name)
            if Disk().isDirectory(below) {
                try read(below, as: child)
            } else {
                let data = try Data(contentsOf: URL(fileURLWithPath: below.string))
                nodes[child] = Node(isDirectory: false, bytes: Array(data))
            }
        }
    }

    mutating func newNode(isDirectory: Bool) -> Int {
        let node = nodeCount
        nodeCount += 1
        run(.make(node, isDirectory: isDirectory))
        return node
    }

    mutating func opened(_ descriptor: Int32, _ place: Place?, isNew: Bool, isEmptied: Bool) {
        descriptors[descriptor] = nil
        guard let place else { return }
        if place.name.isEmpty {
            descriptors[descriptor] = place.directory
            return
        }
        if let node = nodes[place.directory]?.entries[place.name] {
            descriptors[descriptor] = node
            if isEmptied, nodes[node]?.bytes.isEmpty == false { run(.truncate(node, 0)) }
        } else if isNew {
            let node = newNode(isDirectory: false)
            link(place, to: node)
            descriptors[descriptor] = node
        }
    }

    mutating func link(_ place: Place, to node: Int) { run(.link(place, node)) }

    mutating func note(_ descriptor: Int32, _ operation: (Int) -> Operation) {
        if let node = descriptors[descriptor] { run(operation(node)) }
    }

    mutating func run(_ operation: Operation) {
        operations.append(operation)
        switch operation {
        case .make(let node, let isDirectory): nodes[node] = Node(isDirectory: isDirectory)
        case .write(let node, _, _), .truncate(let node, _): nodes[node]?.apply(operation)
        case .synchronize: break
        case .link(let place, _), .unlink(let place): nodes[place.directory]?.apply(operation)
        case .rename(let from, let to) where from.directory == to.directory:
            nodes[from.directory]?.apply(operation)
        case .rename(let from, let to):
            guard let node = nodes[from.directory]?.entries[from.name] else { return }
            nodes[to.directory]?.apply(.link(to, node))
            nodes[from.directory]?.apply(.unlink(from))
        }
    }
}

/// What the device has, and what it may have besides.
private struct Device {
    /// What was forced to it.
    var nodes: [Int: Node]
    /// What was not, by node, in order.
    private var pending: [Int: [Operation]] = [:]
    /// What the process saw, to find what a rename between directories moved.
    private var seen: [Int: Node]

    init(nodes: [Int: Node]) {
        self.nodes = nodes
        seen = nodes
    }

    mutating func run(_ operation: Operation) {
        switch operation {
        case .make(let node, let isDirectory):
            nodes[node] = Node(isDirectory: isDirectory)
            seen[node] = nodes[node]
        case .write(let node, _, _), .truncate(let node, _): add(operation, to: node)
        case .synchronize(let node):
            for operation in pending.removeValue(forKey: node) ?? [] { nodes[node]?.apply(operation) }
        case .link(let place, _), .unlink(let place): add(operation, to: place.directory)
        case .rename(let from, let to) where from.directory == to.directory: add(operation, to: from.directory)
        case .rename(let from, let to):
            guard let node = seen[from.directory]?.entries[from.name] else { return }
            add(.link(to, node), to: to.directory)
            add(.unlink(from), to: from.directory)
        }
    }

    private mutating func add(_ operation: Operation, to node: Int) {
        pending[node, default: []].append(operation)
        if seen[node]?.isDirectory == true { seen[node]?.apply(operation) }
    }

    func write(_ node: Int, to path: FilePath, using generator: inout SeededGenerator) throws {
        guard let durable = nodes[node] else { return }
        let later = pending[node] ?? []
        if !durable.isDirectory {
            let bytes = Self.afterCut(durable, later, using: &generator)
            try Data(bytes).write(to: URL(fileURLWithPath: path.string))
            return
        }
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        var directory = durable
        for operation in later.prefix(Int.random(in: 0...later.count, using: &generator)) { directory.apply(operation) }
        for (name, child) in directory.entries.sorted(by: { $0.key < $1.key }) {
            try write(child, to: path.appending(name), using: &generator)
        }
    }

    /// A file's bytes, of which those in `later` may be there or not.
    private static func afterCut(
        _ durable: Node,
        _ later: [Operation],
        using generator: inout SeededGenerator
    ) -> [UInt8] {
        var file = durable
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: break
        case 1: for operation in later { file.apply(operation) }
        case 2:
            // In order, and the last one torn.
            let count = Int.random(in: 0...later.count, using: &generator)
            for operation in later.prefix(count) { file.apply(operation) }
            if count < later.count, case .write(let node, let position, let bytes) = later[count] {
                let torn = bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))
                file.apply(.write(node, position, Array(torn)))
            }
        default:
            // In any order: the length is there, and zeros where the bytes are not.
            for operation in later {
                guard case .write(let node, let position, let bytes) = operation else {
                    file.apply(operation)
                    continue
                }
                let isThere = generator.chance(1, in: 2)
                let gap = position + bytes.count > file.bytes.count
                if isThere {
                    file.apply(operation)
                } else if gap {
                    file.apply(.truncate(node, position + bytes.count))
                }
            }
        }
        return file.bytes
    }
}
